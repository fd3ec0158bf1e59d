import { describe, expect, test } from "vitest";

import type { Session } from "./queries";
import { draftOf, newDraft, times, toChange, toCreate } from "./sessionForm";

const ZONE = "Europe/Zurich";
const SESSION = {
  id: "s",
  course_id: "c",
  starts_at: "2026-09-01T06:15:00Z",
  ends_at: "2026-09-01T07:45:00Z",
  automatic: false,
  state: "scheduled",
  policy: { late_after_minutes: 10 },
} as Session;

describe("times of a session", () => {
  test("are those of the site's clocks", () => {
    expect(times({ day: "2026-09-01", start: "08:15", end: "09:45" }, ZONE)).toEqual({
      starts_at: "2026-09-01T06:15:00.000Z",
      ends_at: "2026-09-01T07:45:00.000Z",
    });
  });

  test("may reach beyond midnight, or be open", () => {
    expect(times({ day: "2026-09-01", start: "22:00", end: "06:00" }, ZONE).ends_at).toBe("2026-09-02T04:00:00.000Z");
    expect(times({ day: "2026-09-01", start: "22:00", end: "" }, ZONE).ends_at).toBeNull();
  });
});

test("what is not said is not sent", () => {
  expect(toCreate(newDraft("c", new Date("2026-09-01T06:15:00Z"), ZONE), ZONE)).toEqual({
    course_id: "c",
    starts_at: "2026-09-01T06:15:00.000Z",
    ends_at: null,
    automatic: false,
  });
});

describe("a change", () => {
  const draft = draftOf(SESSION, ZONE);

  test("holds what was changed", () => {
    expect(toChange(draft, SESSION, ZONE)).toEqual({});
    expect(toChange({ ...draft, end: "10:00" }, SESSION, ZONE)).toEqual({ ends_at: "2026-09-01T08:00:00.000Z" });
    expect(toChange({ ...draft, lateAfter: "" }, SESSION, ZONE)).toEqual({ policy: { late_after_minutes: null } });
  });

  test("takes the end along with the start", () => {
    expect(toChange({ ...draft, start: "08:00", end: "09:30" }, SESSION, ZONE)).toEqual({
      starts_at: "2026-09-01T06:00:00.000Z",
      ends_at: "2026-09-01T07:30:00.000Z",
    });
  });

  test("of an active session is of its end", () => {
    const active = { ...SESSION, state: "active" } as Session;
    expect(toChange({ ...draft, lateAfter: "5", end: "" }, active, ZONE)).toEqual({ ends_at: null });
  });
});
