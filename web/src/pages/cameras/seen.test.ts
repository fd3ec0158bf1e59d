import { expect, test } from "vitest";

import { countUp, standingOf } from "./seen";

const now = Date.parse("2026-03-01T08:10:00Z");
const camera = (last_seen_at: string | null, revoked_at: string | null = null) => ({ last_seen_at, revoked_at });

test("a camera is up for two minutes after its key was used", () => {
  expect(standingOf(camera("2026-03-01T08:08:00Z"), now)).toBe("up");
  expect(standingOf(camera("2026-03-01T08:07:59Z"), now)).toBe("down");
  expect(standingOf(camera(null), now)).toBe("never");
});

test("a clock that is ahead does no harm", () => {
  expect(standingOf(camera("2026-03-01T08:10:20Z"), now)).toBe("up");
});

test("revoked ones are not counted", () => {
  const all = [camera("2026-03-01T08:10:00Z"), camera("2026-03-01T08:10:00Z", "2026-03-01T08:10:00Z"), camera(null)];
  expect(countUp(all, now)).toEqual({ up: 1, all: 2 });
});
