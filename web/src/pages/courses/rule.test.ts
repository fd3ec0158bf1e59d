import { expect, test } from "vitest";

import { ruleOf, weekdayName, weeklyOf } from "./rule";

test("rules are made in the order of the week, and read back", () => {
  const weekly = { days: ["WE", "MO"], interval: 2, until: "2026-12-18" } as const;
  const rule = ruleOf(weekly);
  expect(rule).toBe("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20261218");
  expect(weeklyOf(rule)).toEqual({ ...weekly, days: ["MO", "WE"] });
  expect(ruleOf({ days: ["FR"], interval: 1, until: "" })).toBe("FREQ=WEEKLY;BYDAY=FR");
});

test("what the form cannot show is left as it is", () => {
  for (const rule of ["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261218T100000Z"]) {
    expect(weeklyOf(rule)).toBeNull();
  }
});

test("weekdays have names", () => {
  expect([weekdayName("MO", "en"), weekdayName("SU", "en", "long")]).toEqual(["Mon", "Sunday"]);
});
