import { expect, test } from "vitest";

import { drawPassword } from "./password";

test("a drawn password is long enough and easy to read out", () => {
  expect(drawPassword()).toMatch(/^([a-hj-km-np-z2-9]{4}-){3}[a-hj-km-np-z2-9]{4}$/);
  expect(drawPassword()).not.toBe(drawPassword());
});

test("bytes that would favour some signs are drawn anew", () => {
  const draws = [new Uint8Array(32).fill(255), new Uint8Array(32).fill(1)];
  expect(drawPassword(() => draws.shift() ?? new Uint8Array(32))).toBe("bbbb-bbbb-bbbb-bbbb");
});
