// docs/openapi.json has two things by the name of `Marked` and keeps one: the other is what marking and checking in answer.

import type { components } from "./schema";

export interface AttendanceMarked {
  /** What was written down; null where it said nothing new. */
  event_id: string | null;
  attendance: components["schemas"]["Attendance"];
}

export function attendanceMarked(answer: unknown): AttendanceMarked {
  return answer as AttendanceMarked;
}
