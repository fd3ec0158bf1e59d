import { expect, test } from "vitest";

import { dayOf, instantOf } from "./zones";

test("a day is the site's", () => {
  const late = new Date("2026-11-21T22:30:00Z");
  expect(dayOf(late, "Africa/Cairo")).toBe("2026-11-22");
  expect(dayOf(late, "America/New_York")).toBe("2026-11-21");
});

test.each([
  ["2026-11-21", "12:00", "Africa/Cairo", "2026-11-21T10:00:00.000Z"],
  ["2026-07-01", "08:15", "America/New_York", "2026-07-01T12:15:00.000Z"],
  ["2026-01-01", "00:30", "Asia/Kolkata", "2025-12-31T19:00:00.000Z"],
  // The day on which clocks go back in Berlin, before and after.
  ["2026-10-25", "00:30", "Europe/Berlin", "2026-10-24T22:30:00.000Z"],
  ["2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T00:30:00.000Z"],
  ["2026-10-25", "12:00", "Europe/Berlin", "2026-10-25T11:00:00.000Z"],
])("%s %s in %s", (day, time, zone, expected) => {
  expect(instantOf(day, time, zone).toISOString()).toBe(expected);
});
