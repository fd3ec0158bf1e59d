import { expect, test } from "vitest";

import { AT_ONCE, type EnrollmentState, nextToAsk, tallyOf } from "./settling";

const ids = Array.from({ length: 20 }, (_, index) => `e${index}`);

test("the first that are open are asked for, until none is", () => {
  expect(nextToAsk(ids, new Map())).toEqual(ids.slice(0, AT_ONCE));
  const settled = new Map<string, EnrollmentState>([
    ["e0", "completed"],
    ["e1", "pending"],
    ["e2", "failed"],
  ]);
  expect(nextToAsk(ids, settled).slice(0, 2)).toEqual(["e1", "e3"]);
  expect(nextToAsk(ids, new Map(ids.map((id) => [id, "completed"])))).toEqual([]);
});

test("a tally counts what nobody knows yet as open", () => {
  const states = new Map<string, EnrollmentState>([
    ["e0", "completed"],
    ["e1", "duplicate_suspected"],
  ]);
  expect(tallyOf(ids, states)).toEqual({ pending: 18, completed: 1, failed: 0, duplicate_suspected: 1 });
});
