import { expect, test } from "vitest";

import { draftOf, policyOf, rateOf, stepOf } from "./policy";
import type { CoursePolicy } from "./queries";

const POLICY: CoursePolicy = {
  opens_minutes_before: null,
  late_after_minutes: 10,
  closes_after_minutes: null,
  left_early_minutes: 0,
  minimum_stay_minutes: null,
  cool_down_seconds: null,
  once_per_session: false,
  mode: "presence",
  false_match_rate: 0.0001,
  liveness: null,
};

test("what is typed is what is sent, and nothing is not 0", () => {
  expect(draftOf(POLICY)).toMatchObject({ late_after_minutes: "10", left_early_minutes: "0", opens_minutes_before: "" });
  expect(policyOf(draftOf(POLICY))).toEqual(POLICY);
});

test("the dial finds its rates, and takes the stricter between two", () => {
  for (const step of [0, 1, 2, 3, 4]) expect(stepOf(rateOf(step))).toBe(step);
  expect(stepOf(1 / 5000)).toBe(2);
  expect(stepOf(1e-9)).toBe(4);
});
