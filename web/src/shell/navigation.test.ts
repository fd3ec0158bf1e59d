import { expect, test } from "vitest";

import { placesOf } from "./navigation";

const paths = (...of: Parameters<typeof placesOf>) => placesOf(...of).map((place) => place.path);

test("members have their own page and nothing else", () => {
  expect(paths({ role: "member", person_id: "p", organization_id: "o" })).toEqual(["/me"]);
  expect(paths({ role: "member", person_id: null, organization_id: "o" })).toEqual(["/me"]);
});

test("staff have a page of their own where they are a person", () => {
  expect(paths({ role: "teacher", person_id: null, organization_id: "o" })).not.toContain("/me");
  expect(paths({ role: "teacher", person_id: "p", organization_id: "o" })).toContain("/me");
});

test("teachers do not administer", () => {
  for (const path of ["/cameras", "/users", "/index", "/audit", "/settings"]) {
    expect(paths({ role: "teacher", person_id: null, organization_id: "o" })).not.toContain(path);
    expect(paths({ role: "admin", person_id: null, organization_id: "o" })).toContain(path);
  }
});

test("the jobs of all organizations are for administrators of the installation", () => {
  expect(paths({ role: "admin", person_id: null, organization_id: "o" })).not.toContain("/jobs");
  expect(paths({ role: "admin", person_id: null, organization_id: null })).toContain("/jobs");
});
