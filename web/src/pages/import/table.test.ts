import { expect, test } from "vitest";

import { decode, findSeparator, isUnicode, preview, readRows } from "./table";

test("the separator is what the heading has most of", () => {
  expect(findSeparator("a,b,c\n1;2;3;4;5")).toBe(",");
  expect(findSeparator('"a,b";c;d\n')).toBe(";");
  expect(findSeparator("a\tb\n")).toBe("\t");
  expect(findSeparator("alone")).toBe(",");
});

test("quoted cells hold separators, line breaks and quotes", () => {
  expect(readRows('id,name\r\n1,"Love""lace, Ada\nKing"\r\n\r\n2, Ben \n', ",", 9)).toEqual([
    ["id", "name"],
    ["1", 'Love"lace, Ada\nKing'],
    ["2", "Ben"],
  ]);
});

test("a preview has the heading and the first rows", () => {
  expect(preview("id;name\n1;Ada\n2;Ben\n3;Cy\n4;Di\n5;Ed", "")).toEqual({
    separator: ";",
    heading: ["id", "name"],
    rows: [
      ["1", "Ada"],
      ["2", "Ben"],
      ["3", "Cy"],
      ["4", "Di"],
    ],
  });
  expect(preview("", "")).toEqual({ separator: ",", heading: [], rows: [] });
});

test("a byte order mark comes before what was named", () => {
  expect(decode(new Uint8Array([0xff, 0xfe, 0x41, 0x00]), "windows-1252")).toBe("A");
  expect(decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x41]), "")).toBe("A");
  expect(decode(new Uint8Array([0xc7]), "windows-1256")).toBe("ا");
});

test("what is not UTF-8 is noticed", () => {
  expect(isUnicode(new TextEncoder().encode("علي"))).toBe(true);
  expect(isUnicode(new Uint8Array([0x41, 0xc7, 0xe1]))).toBe(false);
});
