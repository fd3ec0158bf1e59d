import { expect, test } from "vitest";

import { troubleOf } from "./trouble";

test.each([
  ["NotAllowedError", "denied"],
  ["NotFoundError", "none"],
  ["NotReadableError", "busy"],
  ["TypeError", "failed"],
])("%s of the browser is said as %s", (name, trouble) => {
  expect(troubleOf(new DOMException("", name))).toBe(trouble);
});
