import { expect, test } from "vitest";

import { filterCount, peopleQuery } from "./filters";

test("an address without anything asks for everybody", () => {
  expect(peopleQuery(new URLSearchParams())).toEqual({});
});

test("each filter becomes what the API calls it", () => {
  const asked = new URLSearchParams("q= ada &kind=student&status=inactive&enrolled=no&consent=none&class=10&section=B&course=c1");
  expect(peopleQuery(asked)).toEqual({
    q: "ada",
    kind: "student",
    is_active: false,
    enrolled: false,
    consent: "none",
    class: "10",
    section: "B",
    course_id: "c1",
  });
  expect(filterCount(asked)).toBe(7);
});

test("what nobody can choose is not asked for", () => {
  expect(peopleQuery(new URLSearchParams("kind=robot&status=&q=  "))).toEqual({});
});
