import { expect, test } from "vitest";

import { markBody } from "./marks";

test("a state is a correction, with its reason", () => {
  expect(markBody({ personId: "p", mark: "excused", at: "08:00", reason: " ill " }, "2026-09-01", "Europe/Zurich")).toEqual({
    person_id: "p",
    state: "excused",
    reason: "ill",
  });
});

test("coming and going have a time by the site's clocks, or are now", () => {
  const draft = { personId: "p", mark: "out", at: "09:40", reason: "" } as const;
  expect(markBody(draft, "2026-09-01", "Europe/Zurich")).toEqual({ person_id: "p", direction: "out", at: "2026-09-01T07:40:00.000Z" });
  expect(markBody({ ...draft, at: "" }, "2026-09-01", "Europe/Zurich")).toEqual({ person_id: "p", direction: "out" });
});
