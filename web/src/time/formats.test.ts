import { expect, test } from "vitest";

import { formats, localeOf } from "./formats";

const english = formats("en", "Europe/Zurich");

test("times are the site's", () => {
  expect(english.time("2026-11-21T07:15:00Z")).toMatch(/^8:15/);
  expect(english.day("2026-11-21")).toBe("Nov 21, 2026");
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
