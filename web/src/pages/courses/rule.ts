// Recurrence rules (RFC 5545): those that the form can show, and the others as they are.

export const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface Weekly {
  days: readonly Weekday[];
  /** Every so many weeks. */
  interval: number;
  /** The last day; "" for no end. */
  until: string;
}

export function ruleOf({ days, interval, until }: Weekly): string {
  const byDay = WEEKDAYS.filter((day) => days.includes(day)).join(",");
  const parts = ["FREQ=WEEKLY", interval > 1 ? `INTERVAL=${interval}` : "", `BYDAY=${byDay}`, until ? `UNTIL=${until.replaceAll("-", "")}` : ""];
  return parts.filter(Boolean).join(";");
}

/** What the form shows of a rule; `null` where it cannot show all of it. */
export function weeklyOf(rule: string): Weekly | null {
  const parts = new Map(rule.split(";").map((part) => part.split("=", 2) as [string, string]));
  const { FREQ, INTERVAL = "1", BYDAY = "", UNTIL = "", ...more } = Object.fromEntries(parts);
  const days = BYDAY.split(",").filter((day): day is Weekday => (WEEKDAYS as readonly string[]).includes(day));
  const isWhole = days.length > 0 && days.length === BYDAY.split(",").length && Object.keys(more).length === 0;
  if (FREQ !== "WEEKLY" || !isWhole || !/^\d+$/.test(INTERVAL) || !/^(\d{8})?$/.test(UNTIL)) return null;
  return { days, interval: Number(INTERVAL), until: UNTIL.replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3") };
}

/** The name of a weekday, as the language has it. */
export function weekdayName(day: Weekday, language: string, weekday: "short" | "long" = "short"): string {
  // 2024-01-01 was a Monday.
  return new Intl.DateTimeFormat(language, { weekday, timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + WEEKDAYS.indexOf(day))));
}
