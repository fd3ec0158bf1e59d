// What is marked by hand, as the API takes it.

import type { components } from "../../api/schema";
import { momentOf } from "../../time/zone";

export const MARKS = ["present", "late", "absent", "excused", "left_early", "in", "out"] as const;
export type Mark = (typeof MARKS)[number];

export interface MarkDraft {
  personId: string;
  mark: Mark;
  /** `08:15`; "" for now. */
  at: string;
  reason: string;
}

export function markBody(draft: MarkDraft, day: string, zone: string): components["schemas"]["NewMark"] {
  const reason = draft.reason.trim();
  const why = reason ? { reason } : {};
  if (draft.mark === "in" || draft.mark === "out") {
    const at = draft.at ? { at: momentOf(day, draft.at, zone).toISOString() } : {};
    return { person_id: draft.personId, direction: draft.mark, ...at, ...why };
  }
  return { person_id: draft.personId, state: draft.mark, ...why };
}
