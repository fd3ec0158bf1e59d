import { expect, test } from "vitest";

import { addDays, clockOf, isDay, minutesOf, weekOf } from "./days";

test("days are counted by the calendar", () => {
  expect(addDays("2026-02-27", 2)).toBe("2026-03-01");
  expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
});

test("a week begins where the language has it begin", () => {
  expect(weekOf("2026-11-21", 1)).toEqual(["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"]);
  expect(weekOf("2026-11-21", 6)[0]).toBe("2026-11-21");
  expect(weekOf("2026-11-22", 7)[0]).toBe("2026-11-22");
});

test("what is no day is none", () => {
  expect([isDay("2026-11-21"), isDay("2026-13-01"), isDay("x"), isDay(null)]).toEqual([true, false, false, false]);
});

test("clocks are those of the zone", () => {
  expect(clockOf(new Date("2026-07-01T22:30:00Z"), "Europe/Zurich")).toBe("00:30");
  expect(minutesOf("08:15")).toBe(495);
});
