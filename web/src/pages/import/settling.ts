// Many enrollments of one archive: which of them are asked for next, and how far all of them are.

import type { components } from "../../api/schema";

export type EnrollmentState = components["schemas"]["EnrollmentState"];

/** How many are asked for at a time: they are looked at in order, so the first that are open settle first. */
export const AT_ONCE = 8;

export function nextToAsk(ids: readonly string[], states: ReadonlyMap<string, EnrollmentState>): string[] {
  return ids.filter((id) => (states.get(id) ?? "pending") === "pending").slice(0, AT_ONCE);
}

export type Tally = Record<EnrollmentState, number>;

export function tallyOf(ids: readonly string[], states: ReadonlyMap<string, EnrollmentState>): Tally {
  const tally: Tally = { pending: 0, completed: 0, failed: 0, duplicate_suspected: 0 };
  for (const id of ids) tally[states.get(id) ?? "pending"] += 1;
  return tally;
}
