import { expect, test } from "vitest";

import { addDays, isDay, weekOf } from "./days";

test.each([
  ["2026-02-27", 2, "2026-03-01"],
  ["2026-03-01", -1, "2026-02-28"],
  ["2026-01-01", -1, "2025-12-31"],
  ["2026-10-25", 7, "2026-11-01"],
])("%s and %i days is %s", (day, days, then) => {
  expect(addDays(day, days)).toBe(then);
});

test("a week begins where the language has it begin", () => {
  expect(weekOf("2026-11-21", 1)).toEqual(["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"]);
  expect(weekOf("2026-11-21", 6)[0]).toBe("2026-11-21");
  expect(weekOf("2026-11-22", 7)[0]).toBe("2026-11-22");
});

test("what is no day is none", () => {
  expect([isDay("2026-11-21"), isDay("2026-13-01"), isDay("x"), isDay(null)]).toEqual([true, false, false, false]);
});
