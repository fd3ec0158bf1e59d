import { expect, test } from "vitest";

import { forEach } from "./bulk";

test("everything is done, failures are told and the count goes up to the end", async () => {
  const items = Array.from({ length: 10 }, (_, index) => index);
  let most = 0;
  let now = 0;
  const counts: number[] = [];
  const outcome = await forEach(
    items,
    async (item) => {
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      now -= 1;
      if (item === 3) throw new Error("no");
    },
    ({ done }) => counts.push(done),
  );
  expect(outcome.succeeded.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
  expect(outcome.failed.map(({ item }) => item)).toEqual([3]);
  expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(most).toBeLessThanOrEqual(4);
});
