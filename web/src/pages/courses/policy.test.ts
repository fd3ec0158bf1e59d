import { expect, test } from "vitest";

import type { CoursePolicy } from "../../courses/queries";
import { draftOf, policyOf } from "./policy";

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
