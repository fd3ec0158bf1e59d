import { expect, test } from "vitest";

import { counted, filtered } from "./filter";

const ROWS = [
  { name: "Ada Lovelace", external_id: "S001", state: "present" },
  { name: "Bob", external_id: "S002", state: "absent" },
  { name: "Cid", external_id: "S003", state: null },
] as const;

test("rows are found by state, and by a part of name or number", () => {
  expect(filtered(ROWS, "all", "s00")).toHaveLength(3);
  expect(filtered(ROWS, "absent", "").map((row) => row.name)).toEqual(["Bob"]);
  expect(filtered(ROWS, "unseen", "").map((row) => row.name)).toEqual(["Cid"]);
  expect(filtered(ROWS, "all", " LOVE").map((row) => row.name)).toEqual(["Ada Lovelace"]);
});

test("each state is counted", () => {
  expect(counted(ROWS)).toMatchObject({ all: 3, present: 1, absent: 1, unseen: 1, late: 0 });
});
