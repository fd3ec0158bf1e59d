import { expect, test } from "vitest";

import { inside } from "./words";

test("words stay in the picture", () => {
  expect(inside(500, "Ada", 1, 1000)).toBe(500);
  expect(inside(0, "Ada Lovelace", 1, 1000)).toBe(60);
  expect(inside(1000, "Ada Lovelace", 1, 1000)).toBe(940);
  expect(inside(90, "Ada Lovelace", 10, 100)).toBe(50);
});
