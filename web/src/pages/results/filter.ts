import type { Attendance } from "../../live/standings";

export const SHOWS = ["all", "present", "late", "left_early", "absent", "unseen", "excused"] as const;
export type Show = (typeof SHOWS)[number];

function isShown(row: Pick<Attendance, "state">, show: Show): boolean {
  return show === "all" || (row.state ?? "unseen") === show;
}

export function filtered<Row extends Pick<Attendance, "state" | "name" | "external_id">>(rows: readonly Row[], show: Show, q: string): Row[] {
  const wanted = q.trim().toLocaleLowerCase();
  return rows.filter((row) => isShown(row, show) && `${row.name} ${row.external_id}`.toLocaleLowerCase().includes(wanted));
}

export function counted(rows: readonly Pick<Attendance, "state">[]): Record<Show, number> {
  const count = (show: Show) => rows.filter((row) => isShown(row, show)).length;
  return Object.fromEntries(SHOWS.map((show) => [show, count(show)])) as Record<Show, number>;
}
