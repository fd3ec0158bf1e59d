// What the list of people is asked for, as the address has it and as the API takes it.

import type { operations } from "../../api/schema";

export type PeopleQuery = NonNullable<operations["list_people"]["parameters"]["query"]>;

export const CHOICES = {
  kind: ["student", "employee"],
  status: ["active", "inactive"],
  enrolled: ["yes", "no"],
  consent: ["given", "withdrawn", "none"],
} as const;

export type Choice = keyof typeof CHOICES;

/** Everything in the address that narrows the list. */
export const FILTERS = ["kind", "status", "enrolled", "consent", "class", "section", "course"] as const;

function chosen<Of extends Choice>(asked: URLSearchParams, choice: Of): (typeof CHOICES)[Of][number] | undefined {
  const values: readonly (typeof CHOICES)[Of][number][] = CHOICES[choice];
  return values.find((value) => value === asked.get(choice));
}

/** The query for an address. What nobody can have asked for, such as a status that there is not, is left out. */
export function peopleQuery(asked: URLSearchParams): PeopleQuery {
  const q = asked.get("q")?.trim().slice(0, 100);
  const kind = chosen(asked, "kind");
  const status = chosen(asked, "status");
  const enrolled = chosen(asked, "enrolled");
  const consent = chosen(asked, "consent");
  const inClass = asked.get("class")?.trim();
  const section = asked.get("section")?.trim();
  const course = asked.get("course");
  return {
    ...(q && { q }),
    ...(kind && { kind }),
    ...(status && { is_active: status === "active" }),
    ...(enrolled && { enrolled: enrolled === "yes" }),
    ...(consent && { consent }),
    ...(inClass && { class: inClass }),
    ...(section && { section }),
    ...(course && { course_id: course }),
  };
}

/** How many filters narrow the list, the search left aside. */
export function filterCount(asked: URLSearchParams): number {
  return FILTERS.filter((name) => asked.get(name)).length;
}
