// The rules of a course in words, and what is typed about them.

import type { TFunction } from "i18next";

import type { CoursePolicy } from "../../courses/queries";

export const MINUTES = ["opens_minutes_before", "late_after_minutes", "closes_after_minutes", "left_early_minutes", "minimum_stay_minutes"] as const;
export const NUMBERS = [...MINUTES, "cool_down_seconds"] as const;
export type NumberField = (typeof NUMBERS)[number];

/** The smallest and largest that each may be. */
export const BOUNDS: Record<NumberField, readonly [number, number]> = {
  opens_minutes_before: [0, 1440],
  late_after_minutes: [0, 1440],
  closes_after_minutes: [1, 1440],
  left_early_minutes: [0, 1440],
  minimum_stay_minutes: [1, 1440],
  cool_down_seconds: [0, 86_400],
};

export function policyFacts(policy: CoursePolicy, t: TFunction): [string, string][] {
  const numbers = NUMBERS.map((field): [string, string] => {
    const value = policy[field];
    if (value === null) return [t(`courses.policy.${field}`), t(`courses.policy.none.${field}`)];
    return [t(`courses.policy.${field}`), t(field === "cool_down_seconds" ? "courses.policy.seconds" : "courses.policy.minutes", { count: value })];
  });
  return [
    ...numbers,
    [t("courses.policy.mode"), t(`courses.policy.modes.${policy.mode}`)],
    [t("courses.policy.once"), t(policy.once_per_session ? "state.yes" : "state.no")],
  ];
}

/** Each number as it is typed; "" where the course says nothing. */
export type PolicyDraft = Omit<CoursePolicy, NumberField> & Record<NumberField, string>;

export function draftOf(policy: CoursePolicy): PolicyDraft {
  const numbers = Object.fromEntries(NUMBERS.map((field) => [field, policy[field] === null ? "" : String(policy[field])]));
  return { ...policy, ...(numbers as Record<NumberField, string>) };
}

export function policyOf(draft: PolicyDraft): CoursePolicy {
  const numbers = Object.fromEntries(NUMBERS.map((field) => [field, draft[field] === "" ? null : Number(draft[field])]));
  return { ...draft, ...(numbers as Record<NumberField, number | null>) };
}
