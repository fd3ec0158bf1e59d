import { expect, test } from "vitest";

import { formats, localeOf } from "./formats";

const english = formats("en", "Europe/Zurich");

test("times are the site's", () => {
  expect(english.time("2026-11-21T07:15:00Z")).toMatch(/^8:15/);
  expect(english.day("2026-11-21")).toBe("Nov 21, 2026");
});

test("a course may have clocks of its own", () => {
  expect(formats("en", "Asia/Tokyo").exactTime("2026-11-21T07:15:07Z")).toMatch(/^4:15:07/);
  expect(formats("en", "Asia/Tokyo").weekdayDate("2026-11-21T22:00:00Z")).toBe("Sun, Nov 22, 2026");
  expect(english.span("2026-11-21T07:15:00Z", null)).toMatch(/^Sat, Nov 21, 2026, 8:15/);
  expect(formats("en-GB", "UTC").span("2026-11-21T07:15:00Z", null)).toMatch(/07:15$/);
  expect(english.weekday("2026-11-21")).toBe("Sat, Nov 21, 2026");
});

test.each([
  [0, "0 byte"],
  [999, "999 byte"],
  [1500, "1.5 kB"],
  [51_200_000, "51.2 MB"],
  [3_000_000_000_000, "3,000 GB"],
])("%i bytes are %s", (value, text) => {
  expect(english.bytes(value)).toBe(text);
});

test.each([
  [12, "12 ms"],
  [1500, "1.5 sec"],
])("%i milliseconds are %s", (value, text) => {
  expect(english.duration(value)).toBe(text);
});

test("no rate is no number", () => {
  expect(english.percent(null)).toBe("–");
  expect(english.percent(0.756)).toBe("75.6%");
});

test("a language is written as it is where the browser is", () => {
  expect(localeOf("en", ["de-CH", "en-GB", "en-US"])).toBe("en-GB");
  expect(localeOf("ar", ["en-GB"])).toBe("ar");
});
