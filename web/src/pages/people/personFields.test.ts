import { expect, test } from "vitest";

import { NOBODY, type Person, draftOf, fieldOf, newPerson, personChange } from "./personFields";

const ada: Person = {
  id: "p1",
  organization_id: "o1",
  kind: "student",
  external_id: "S001",
  name: "Ada",
  is_active: true,
  email: "ada@example.org",
  class: null,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
};

test("somebody new has only what was said", () => {
  expect(newPerson({ ...NOBODY, external_id: " S002 ", name: "Ben ", email: " ", class: "10" })).toEqual({
    kind: "student",
    external_id: "S002",
    name: "Ben",
    is_active: true,
    class: "10",
  });
});

test("a change names what differs, and null where something was taken out", () => {
  expect(personChange(ada, draftOf(ada))).toEqual({});
  expect(personChange(ada, { ...draftOf(ada), name: "Ada L.", email: "", class: "10", is_active: false })).toEqual({
    name: "Ada L.",
    email: null,
    class: "10",
    is_active: false,
  });
});

test("problems find their field", () => {
  expect(fieldOf("/external_id")).toBe("external_id");
  expect(fieldOf("/photos/2")).toBeNull();
});
