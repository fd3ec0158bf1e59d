import { expect, test } from "vitest";

import { encode, path } from "./encode";
import { correction } from "./field";
import { checkInLink, codeIn } from "./roomCode";
import { LARGEST, roomFor, versionFor } from "./words";

const hex = (text: string) => Uint8Array.from(text.split(" "), (byte) => parseInt(byte, 16));

test("the correction is that of the example of ISO/IEC 18004", () => {
  const data = hex("10 20 0c 56 61 80 ec 11 ec 11 ec 11 ec 11 ec 11");
  expect(correction(data, 10)).toEqual(hex("a5 24 d4 c1 ed 36 c7 87 2c 55"));
});

// What the standard's table 7 says of level M.
test.each([
  [14, 1],
  [15, 2],
  [84, 5],
  [85, 6],
  [213, 10],
  [214, 11],
  [666, 20],
  [667, null],
])("%i bytes need version %s", (bytes, version) => {
  expect(versionFor(bytes)).toBe(version);
});

test("there is room for so many bits", () => {
  expect([1, 2, 7, LARGEST].map(roomFor)).toEqual([208, 359, 1568, 8683]);
});

// This picture was read back by another program.
test("a text becomes a picture", () => {
  const rows = encode("Rollcall");
  expect(rows?.map((row) => row.map((dark) => (dark ? "#" : ".")).join(""))).toMatchInlineSnapshot(`
    [
      "#######...#.#.#######",
      "#.....#..#.##.#.....#",
      "#.###.#.##.##.#.###.#",
      "#.###.#.#####.#.###.#",
      "#.###.#.##.##.#.###.#",
      "#.....#.##..#.#.....#",
      "#######.#.#.#.#######",
      "........#.###........",
      "#.#####..##.#.#####..",
      "...#......#.######..#",
      ".#..######.#.....#.#.",
      "#.###...###....#.##.#",
      "#.....#.####....#....",
      "........##########.#.",
      "#######.....#.#...##.",
      "#.....#.#######..##..",
      "#.###.#.#.#.#..#....#",
      "#.###.#.#...#..###...",
      "#.###.#.#.##.#....#..",
      "#.....#.........###..",
      "#######.#.##.#.#...#.",
    ]
  `);
});

test("a picture becomes a path", () => {
  expect(path([[true, false], [false, true]])).toBe("M0 0h1v1h-1zM1 1h1v1h-1z");
});

test("a text that is too long has no picture", () => {
  expect(encode("x".repeat(667))).toBeNull();
});

const qr = "AZGRkZGRcACAAAAAAAAAAQ.120000000.abc-_9";

test.each([qr, checkInLink("https://rollcall.example", qr), `  ${qr}\n`])("in %s there is a code", (text) => {
  expect(codeIn(text)).toEqual({ qr, sessionId: "01919191-9191-7000-8000-000000000001" });
});

test.each(["", "https://example.org/", "AZ4l.1.x", `${qr}.x`, "#"])("in %s there is none", (text) => {
  expect(codeIn(text)).toBeNull();
});
