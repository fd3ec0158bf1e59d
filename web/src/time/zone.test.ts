import { expect, test } from "vitest";

import { clockIn, dayIn, momentOf, startOfDay } from "./zone";

test.each([
  ["Europe/Zurich", "2026-11-21T22:59:59Z", "2026-11-21"],
  ["Europe/Zurich", "2026-11-21T23:00:00Z", "2026-11-22"],
  ["America/New_York", "2026-11-22T04:59:59Z", "2026-11-21"],
  ["Asia/Kathmandu", "2026-11-21T18:15:00Z", "2026-11-22"],
])("in %s it is at %s the day %s", (zone, moment, day) => {
  expect(dayIn(zone, new Date(moment))).toBe(day);
});

test("clocks are those of the zone", () => {
  expect(clockIn("Europe/Zurich", new Date("2026-07-01T22:30:00Z"))).toBe("00:30");
});

test.each([
  ["2026-11-21", "Europe/Zurich", "2026-11-20T23:00:00.000Z"],
  ["2026-03-29", "Europe/Zurich", "2026-03-28T23:00:00.000Z"],
  ["2026-10-25", "Europe/Zurich", "2026-10-24T22:00:00.000Z"],
  // Midnight is left out there: the day begins at one.
  ["2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00.000Z"],
  ["2026-11-21", "Asia/Kathmandu", "2026-11-20T18:15:00.000Z"],
])("%s in %s begins at %s", (day, zone, begins) => {
  expect(startOfDay(day, zone).toISOString()).toBe(begins);
});

test.each([
  // Left out: when the clocks go on.
  ["2026-03-29", "02:30", "2026-03-29T01:00:00.000Z"],
  // Shown twice: the first.
  ["2026-10-25", "02:30", "2026-10-25T00:30:00.000Z"],
  ["2026-07-01", "08:15", "2026-07-01T06:15:00.000Z"],
])("in Zurich %s %s is %s", (day, time, moment) => {
  expect(momentOf(day, time, "Europe/Zurich").toISOString()).toBe(moment);
});
