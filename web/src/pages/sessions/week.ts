import type { components } from "../../api/schema";
import { dayIn } from "../../time/zone";
import type { Session } from "./queries";

/** Sessions by the day on which they begin, by the clocks of their own site; each day in the order of its hours. */
export function byDay(sessions: readonly Session[], zoneOf: (session: Session) => string): Map<string, Session[]> {
  const days = new Map<string, Session[]>();
  for (const session of [...sessions].sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at))) {
    const day = dayIn(zoneOf(session), new Date(session.starts_at));
    days.set(day, [...(days.get(day) ?? []), session]);
  }
  return days;
}

export function holidayOn(holidays: readonly Pick<components["schemas"]["Holiday"], "first_day" | "last_day" | "name">[], day: string): string | null {
  return holidays.find((one) => one.first_day <= day && day <= one.last_day)?.name ?? null;
}
