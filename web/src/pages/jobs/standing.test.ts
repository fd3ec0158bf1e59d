import { expect, test } from "vitest";

import { failed, placeOf, reasonOf, troubles, waiting } from "./standing";

const queue = (ready: number, consumers: number, dead_letters: number | null) => ({ ready, consumers, dead_letters });

test("all is well while each queue has workers and nothing failed", () => {
  expect(troubles([queue(3, 1, null), queue(0, 2, 0)])).toEqual([]);
});

test("a queue that nobody takes from, and jobs that failed, are said", () => {
  expect(troubles([queue(0, 0, null), queue(0, 1, 2)])).toEqual(["noWorkers", "failed"]);
});

test("what waits and what failed is counted over all queues", () => {
  const queues = [queue(3, 1, null), queue(4, 1, 2), queue(0, 1, 5)];
  expect([waiting(queues), failed(queues)]).toEqual([7, 7]);
});

test("a reason that is not known has a word too", () => {
  expect([reasonOf({ reason: "delivery_limit" }), reasonOf({ reason: "expired" }), reasonOf({ reason: null })]).toEqual([
    "delivery_limit",
    "other",
    "other",
  ]);
});

test("a letter leads to what it is about while that is there", () => {
  expect(placeOf({ state: "pending", person_id: "p", session_id: null })).toBe("/people/p?tab=face");
  expect(placeOf({ state: "failed", person_id: null, session_id: "s" })).toBe("/sessions/s/photos");
  expect(placeOf({ state: "gone", person_id: "p", session_id: null })).toBeNull();
  expect(placeOf({ state: "unknown", person_id: null, session_id: null })).toBeNull();
});
