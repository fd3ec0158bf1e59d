import { expect, test } from "vitest";

import { Attempts, randomKey } from "./idempotency";

test("keys are new and of a form that the API takes", () => {
  expect(randomKey()).toMatch(/^[0-9a-f]{32}$/);
  expect(randomKey()).not.toBe(randomKey());
});

test("the same content keeps its key until it was carried out", () => {
  const attempts = new Attempts();
  const first = attempts.keyFor({ name: "Ada" });
  expect(attempts.keyFor({ name: "Ada" })).toBe(first);
  const other = attempts.keyFor({ name: "Ben" });
  expect(other).not.toBe(first);
  attempts.done();
  expect(attempts.keyFor({ name: "Ben" })).not.toBe(other);
});
