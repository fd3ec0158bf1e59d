import { expect, test } from "vitest";

import { guessColumns, lacks, mappingOf } from "./mapping";

test("columns are known by what they are often called, in both languages", () => {
  expect(guessColumns(["Roll No.", "Full Name", "E-mail", "Division", "Colour"])).toEqual({
    external_id: "Roll No.",
    name: "Full Name",
    email: "E-mail",
    section: "Division",
  });
  expect(guessColumns(["الرقم", "الاسم", "الصف"])).toEqual({ external_id: "الرقم", name: "الاسم", class: "الصف" });
});

test("what is missing is told", () => {
  expect(lacks({})).toEqual(["external_id", "name"]);
  expect(lacks({ external_id: "a", first_name: "b" })).toEqual([]);
  expect(lacks({ external_id: "a", name: "a" })).toEqual(["twice"]);
});

test("the mapping has what was said and nothing else", () => {
  const reading = {
    columns: { external_id: "No.", name: "Student" },
    defaults: { kind: "student" as const, class: "10", section: " " },
    separator: ";",
    encoding: "",
  };
  expect(mappingOf(reading)).toEqual({
    columns: { external_id: "No.", name: "Student" },
    defaults: { kind: "student", class: "10" },
    separator: ";",
    encoding: null,
  });
});
