import { expect, test } from "vitest";

import { keptOf } from "./kept";

const of = (origin: "original" | "augmented" | "pooled", quality: number, day: string, contract = "m1") => ({
  origin,
  quality,
  contract,
  created_at: `2026-03-${day}T08:00:00Z`,
});

test("the best photo counts, not what was made of photos", () => {
  const kept = keptOf([of("original", 61, "01"), of("augmented", 99, "01"), of("original", 74, "02"), of("pooled", 80, "02")]);
  expect(kept).toEqual({ best: 74, last: "2026-03-02T08:00:00Z", contracts: ["m1"] });
});

test("models are named once each, and nothing is said of nothing", () => {
  expect(keptOf([of("original", 50, "01"), of("original", 50, "01", "m2")]).contracts).toEqual(["m1", "m2"]);
  expect(keptOf([])).toEqual({ best: null, last: null, contracts: [] });
});
