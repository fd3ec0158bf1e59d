// What is typed about a session, and what is sent of it.

import type { components } from "../../api/schema";
import { addDays, clockOf } from "../../parts/days";
import { dayOf, instantOf } from "../../parts/zones";
import type { Session } from "./queries";

export interface SessionDraft {
  courseId: string;
  day: string;
  start: string;
  /** "" where the end is open. */
  end: string;
  automatic: boolean;
  /** "" where the course's holds. */
  lateAfter: string;
}

export function newDraft(courseId: string, now: Date, zone: string): SessionDraft {
  return { courseId, day: dayOf(now, zone), start: clockOf(now, zone), end: "", automatic: false, lateAfter: "" };
}

export function draftOf(session: Session, zone: string): SessionDraft {
  return {
    courseId: session.course_id,
    day: dayOf(new Date(session.starts_at), zone),
    start: clockOf(new Date(session.starts_at), zone),
    end: session.ends_at ? clockOf(new Date(session.ends_at), zone) : "",
    automatic: session.automatic,
    lateAfter: session.policy.late_after_minutes === null ? "" : String(session.policy.late_after_minutes),
  };
}

/** When it begins and ends, by the clocks of the zone; an end that is not after the start is on the next day. */
export function times(draft: Pick<SessionDraft, "day" | "start" | "end">, zone: string): { starts_at: string; ends_at: string | null } {
  const starts = instantOf(draft.day, draft.start, zone);
  if (!draft.end) return { starts_at: starts.toISOString(), ends_at: null };
  const sameDay = instantOf(draft.day, draft.end, zone);
  const ends = sameDay > starts ? sameDay : instantOf(addDays(draft.day, 1), draft.end, zone);
  return { starts_at: starts.toISOString(), ends_at: ends.toISOString() };
}

export function toCreate(draft: SessionDraft, zone: string): components["schemas"]["NewSession"] {
  return {
    course_id: draft.courseId,
    ...times(draft, zone),
    automatic: draft.automatic,
    ...(draft.lateAfter !== "" && { late_after_minutes: Number(draft.lateAfter) }),
  };
}

/** Only what was changed, and of an active session only what may still be. */
export function toChange(draft: SessionDraft, session: Session, zone: string): components["schemas"]["SessionUpdate"] {
  const before = draftOf(session, zone);
  const { starts_at, ends_at } = times(draft, zone);
  const isMoved = draft.day !== before.day || draft.start !== before.start;
  const isScheduled = session.state === "scheduled";
  return {
    ...(isScheduled && isMoved && { starts_at }),
    ...((draft.end !== before.end || isMoved) && { ends_at }),
    ...(draft.automatic !== before.automatic && { automatic: draft.automatic }),
    ...(isScheduled && draft.lateAfter !== before.lateAfter && {
      policy: { ...session.policy, late_after_minutes: draft.lateAfter === "" ? null : Number(draft.lateAfter) },
    }),
  };
}
