import { expect, test } from "vitest";

import { isNoId, query } from "./filters";

const id = "01919191-0000-7000-8000-000000000001";

test.each([
  ["", {}],
  [`subject=${id}&actor=${id}&action=person_erased`, { subject_id: id, actor_id: id, action: "person_erased" }],
  ["subject=S001&actor=&from=yesterday", {}],
  ["from=2026-11-21&to=2026-11-21", { from: "2026-11-20T23:00:00.000Z", to: "2026-11-21T23:00:00.000Z" }],
])("%s asks for %o", (address, asked) => {
  expect(query(new URLSearchParams(address), "Europe/Zurich")).toEqual({ order: "newest", ...asked });
});

test("a typed id is told from a number", () => {
  expect(isNoId("S001")).toBe(true);
  expect(isNoId(` ${id} `)).toBe(false);
  expect(isNoId("")).toBe(false);
});
