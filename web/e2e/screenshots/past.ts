// What has been. The API marks what happens now, so what is to lie in the past is moved there in the (private) database.

import { execFileSync } from "node:child_process";

function sql(text: string): void {
  const [psql, database] = [process.env.ROLLCALL_PSQL, process.env.ROLLCALL_DATABASE__URL];
  if (!psql || !database) throw new Error("run scripts/screenshots");
  execFileSync(psql, ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", database], { input: text });
}

/** All people and courses have been there since half a year ago. */
export function foundedLongAgo(): void {
  const ago = "interval '180 days'";
  sql(`UPDATE roster_periods SET added_at = added_at - ${ago};
    UPDATE roster_entries SET added_at = added_at - ${ago};
    UPDATE people SET created_at = created_at - ${ago};
    UPDATE courses SET created_at = created_at - ${ago};`);
}

/** Moves a session with all that was marked in it by so many minutes; it went on for 50 minutes, if it is over. */
export function moveBack(session: string, minutes: number): void {
  const back = `interval '${Math.round(minutes)} minutes'`;
  sql(`ALTER TABLE attendance_events DISABLE TRIGGER USER;
    UPDATE sessions SET starts_at = starts_at - ${back}, ends_at = ends_at - ${back}, started_at = started_at - ${back},
      closed_at = closed_at - ${back} + interval '50 minutes', created_at = created_at - ${back} WHERE id = '${session}';
    UPDATE attendance SET first_seen_at = first_seen_at - ${back} + random() * interval '9 minutes',
      last_seen_at = last_seen_at - ${back} + interval '40 minutes' WHERE session_id = '${session}';
    UPDATE attendance_changes SET at = at - ${back} WHERE session_id = '${session}';
    UPDATE attendance_events SET at = at - ${back}, recorded_at = recorded_at - ${back} WHERE session_id = '${session}';
    ALTER TABLE attendance_events ENABLE TRIGGER USER;`);
}

/** Where it is about ten in the morning now, so that pictures show a school day whenever they are taken. */
export function morningZone(now = new Date()): string {
  const zones = ["Pacific/Auckland", "Asia/Tokyo", "Asia/Kolkata", "Asia/Dubai", "Europe/Zurich", "America/Sao_Paulo", "America/New_York", "America/Los_Angeles", "Pacific/Honolulu"];
  const away = (zone: string) => {
    const hour = Number(new Intl.DateTimeFormat("en", { timeZone: zone, hour: "numeric", hourCycle: "h23" }).format(now));
    return Math.abs(hour - 10);
  };
  return zones.reduce((best, zone) => (away(zone) < away(best) ? zone : best));
}
