// What is typed about a session, and what is sent of it.

import type { components } from "../../api/schema";
import { addDays } from "../../time/days";
import { clockIn, dayIn, momentOf } from "../../time/zone";
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
  return { courseId, day: dayIn(zone, now), start: clockIn(zone, now), end: "", automatic: false, lateAfter: "" };
}

export function draftOf(session: Session, zone: string): SessionDraft {
  return {
    courseId: session.course_id,
    day: dayIn(zone, new Date(session.starts_at)),
    start: clockIn(zone, new Date(session.starts_at)),
    end: session.ends_at ? clockIn(zone, new Date(session.ends_at)) : "",
    automatic: session.automatic,
    lateAfter: session.policy.late_after_minutes === null ? "" : String(session.policy.late_after_minutes),
  };
}

/** When it begins and ends, by the clocks of the zone; an end that is not after the start is on the next day. */
export function times(draft: Pick<SessionDraft, "day" | "start" | "end">, zone: string): { starts_at: string; ends_at: string | null } {
  const starts = momentOf(draft.day, draft.start, zone);
  if (!draft.end) return { starts_at: starts.toISOString(), ends_at: null };
  const sameDay = momentOf(draft.day, draft.end, zone);
  const ends = sameDay > starts ? sameDay : momentOf(addDays(draft.day, 1), draft.end, zone);
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
