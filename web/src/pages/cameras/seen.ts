import type { components } from "../../api/schema";

export type Camera = components["schemas"]["Camera"];
type Seen = Pick<Camera, "revoked_at" | "last_seen_at">;

/** The use of a key is written down once a minute; after twice that a camera sends nothing. */
const SILENT_AFTER = 120_000;

export type Standing = "up" | "down" | "never" | "revoked";

export function standingOf({ revoked_at, last_seen_at }: Seen, now: number): Standing {
  if (revoked_at) return "revoked";
  if (!last_seen_at) return "never";
  return now - Date.parse(last_seen_at) <= SILENT_AFTER ? "up" : "down";
}

/** How many of those that may send do. */
export function countUp(cameras: readonly Seen[], now: number): { up: number; all: number } {
  const standings = cameras.map((camera) => standingOf(camera, now)).filter((one) => one !== "revoked");
  return { up: standings.filter((one) => one === "up").length, all: standings.length };
}
