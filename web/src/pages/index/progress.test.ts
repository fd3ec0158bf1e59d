import { expect, test } from "vitest";

import { isBusy, percentDone } from "./progress";

test.each([
  [0, 0, null],
  [0, 10, 0],
  [5, 10, 50],
  // What came while it was counted.
  [11, 10, 100],
])("%i of %i templates are %s percent", (templates_done, templates_total, percent) => {
  expect(percentDone({ templates_done, templates_total })).toBe(percent);
});

test("a build that has ended is not waited for", () => {
  expect(isBusy({ state: "waiting" })).toBe(true);
  expect(isBusy({ state: "running" })).toBe(true);
  expect(isBusy({ state: "interrupted" })).toBe(false);
});
