import { momentOf } from "../../time/zone";

/** When a form of that day was signed: noon of the site. Nothing for today (the API writes down the moment) or no day. */
export function signedAt(day: string, today: string, zone: string): string | null {
  if (!day || day >= today) return null;
  return momentOf(day, "12:00", zone).toISOString();
}
