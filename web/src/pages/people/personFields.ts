// What a form says of a person, and what follows for the API.

import type { components } from "../../api/schema";

export type Person = components["schemas"]["Person"];
export type PersonKind = components["schemas"]["PersonKind"];
type NewPerson = components["schemas"]["NewPerson"];
type PersonChange = components["schemas"]["PersonChange"];

/** Texts that a person may have; empty for none. */
export const TEXTS = ["second_id", "email", "phone", "class", "section", "notes"] as const;

export type Draft = { kind: PersonKind; external_id: string; name: string; is_active: boolean } & Record<(typeof TEXTS)[number], string>;

export const NOBODY: Draft = {
  kind: "student",
  external_id: "",
  name: "",
  is_active: true,
  second_id: "",
  email: "",
  phone: "",
  class: "",
  section: "",
  notes: "",
};

export function draftOf(person: Person): Draft {
  const draft = { ...NOBODY, kind: person.kind, external_id: person.external_id, name: person.name, is_active: person.is_active };
  for (const text of TEXTS) draft[text] = person[text] ?? "";
  return draft;
}

export function newPerson(draft: Draft): NewPerson {
  const person: NewPerson = {
    kind: draft.kind,
    external_id: draft.external_id.trim(),
    name: draft.name.trim(),
    is_active: draft.is_active,
  };
  for (const text of TEXTS) if (draft[text].trim()) person[text] = draft[text].trim();
  return person;
}

/** Only what differs, so that what somebody else changed meanwhile stays as they left it. */
export function personChange(before: Person, draft: Draft): PersonChange {
  const change: PersonChange = {};
  if (draft.kind !== before.kind) change.kind = draft.kind;
  if (draft.external_id.trim() !== before.external_id) change.external_id = draft.external_id.trim();
  if (draft.name.trim() !== before.name) change.name = draft.name.trim();
  if (draft.is_active !== before.is_active) change.is_active = draft.is_active;
  for (const text of TEXTS) {
    const said = draft[text].trim();
    if (said !== (before[text] ?? "")) change[text] = said || null;
  }
  return change;
}

/** The field that a problem of the API is about, by its pointer (`/email`). */
export function fieldOf(pointer: string): keyof Draft | null {
  const name = pointer.replace(/^\//, "");
  return name in NOBODY ? (name as keyof Draft) : null;
}
