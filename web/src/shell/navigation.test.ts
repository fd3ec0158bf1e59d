import { expect, test } from "vitest";

import { placesOf } from "./navigation";

const paths = (...of: Parameters<typeof placesOf>) => placesOf(...of).map((place) => place.path);

test("members have their own page and nothing else", () => {
  expect(paths({ role: "member", person_id: "p" })).toEqual(["/me"]);
  expect(paths({ role: "member", person_id: null })).toEqual(["/me"]);
});

test("staff have a page of their own where they are a person", () => {
  expect(paths({ role: "teacher", person_id: null })).not.toContain("/me");
  expect(paths({ role: "teacher", person_id: "p" })).toContain("/me");
});

test("teachers do not administer", () => {
  for (const path of ["/cameras", "/users", "/index", "/audit", "/settings"]) {
    expect(paths({ role: "teacher", person_id: null })).not.toContain(path);
    expect(paths({ role: "admin", person_id: null })).toContain(path);
  }
});
