import type { components } from "../../api/schema";

type Settings = components["schemas"]["OrganizationSettings"];
type Retention = components["schemas"]["Retention"];

export const KEPT = ["photos_days", "attendance_days", "logs_days"] as const;

export type Kept = (typeof KEPT)[number];

/** All settings with some changed: what is left out of a request would go back to its default. */
export function changed(settings: Settings, changes: Partial<Settings>): Settings {
  return { ...settings, ...changes };
}

/** Days as they are typed; "" is for ever. */
export function typed(retention: Retention): Record<Kept, string> {
  const text = (days: number | null | undefined) => (days == null ? "" : String(days));
  return {
    photos_days: text(retention.photos_days),
    attendance_days: text(retention.attendance_days),
    logs_days: text(retention.logs_days),
  };
}

export function read(text: Record<Kept, string>): Retention {
  const days = (value: string) => (value.trim() === "" ? null : Number(value));
  return {
    photos_days: days(text.photos_days),
    attendance_days: days(text.attendance_days),
    logs_days: days(text.logs_days),
  };
}

/** Whether something is kept for less long than before: then something is deleted soon. */
export function isShorter(before: Retention, after: Retention): boolean {
  return KEPT.some((one) => (after[one] ?? Infinity) < (before[one] ?? Infinity));
}
