import { expect, test } from "vitest";

import { signedAt } from "./signedAt";

test("a form of an earlier day was signed at noon there; today is now", () => {
  expect(signedAt("2026-11-20", "2026-11-21", "Asia/Kolkata")).toBe("2026-11-20T06:30:00.000Z");
  expect(signedAt("2026-11-21", "2026-11-21", "Asia/Kolkata")).toBeNull();
  expect(signedAt("", "2026-11-21", "Asia/Kolkata")).toBeNull();
});
