import { expect, test } from "vitest";

import { initials } from "./initials";

test("initials are first letters", () => {
  expect([initials("Ada Lovelace"), initials(" ada  king lovelace "), initials("Plato"), initials("")]).toEqual(["AL", "AL", "P", ""]);
});
