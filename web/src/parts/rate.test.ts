import { expect, test } from "vitest";

import { LEAST, MOST, STEP, dialOf, rateAt, scansPerMistake } from "./rate";

test.each([
  [2, 100],
  [2.5, 300],
  [3, 1000],
  [4, 10_000],
  [6, 1_000_000],
])("at %d of the dial there is one mistake in %d scans", (dial, scans) => {
  expect(scansPerMistake(rateAt(dial))).toBe(scans);
});

test("a rate that the dial has is shown where it was set", () => {
  for (let dial = LEAST; dial <= MOST; dial += STEP) {
    expect(Math.round(dialOf(rateAt(dial)) / STEP) * STEP).toBe(dial);
  }
});

test("a rate beyond the dial is shown at its end", () => {
  expect(dialOf(0.5)).toBe(LEAST);
  expect(dialOf(1e-9)).toBe(MOST);
  expect(scansPerMistake(0.0001)).toBe(10_000);
});
