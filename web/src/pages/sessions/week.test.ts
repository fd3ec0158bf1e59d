import { expect, test } from "vitest";

import type { Session } from "./queries";
import { byDay, holidayOn } from "./week";

function session(id: string, startsAt: string): Session {
  return { id, starts_at: startsAt } as Session;
}

test("a session is on the day of its own site's clocks", () => {
  const late = session("late", "2026-11-21T23:30:00Z");
  const early = session("early", "2026-11-21T08:00:00Z");
  const days = byDay([late, early], () => "Europe/Zurich");
  expect([...days].map(([day, rows]) => [day, rows.map((one) => one.id)])).toEqual([["2026-11-21", ["early"]], ["2026-11-22", ["late"]]]);
  expect([...byDay([late], () => "America/New_York").keys()]).toEqual(["2026-11-21"]);
});

test("holidays hold on both of their ends", () => {
  const holidays = [{ first_day: "2026-12-24", last_day: "2026-12-26", name: "Christmas" }];
  expect(["2026-12-23", "2026-12-24", "2026-12-26", "2026-12-27"].map((day) => holidayOn(holidays, day))).toEqual([null, "Christmas", "Christmas", null]);
});
