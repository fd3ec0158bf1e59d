// Which column of a table is what of a person.

import type { components } from "../../api/schema";

export type Mapping = components["schemas"]["Mapping"];

export const FIELDS = [
  "external_id",
  "name",
  "first_name",
  "last_name",
  "second_id",
  "kind",
  "email",
  "phone",
  "class",
  "section",
  "is_active",
  "notes",
] as const;

export type Field = (typeof FIELDS)[number];

/** The heading of the column of each field. */
export type Columns = Partial<Record<Field, string>>;

/** What columns are often called, without case, space and marks: in English as the server knows them, and in Arabic. */
const OFTEN: Record<Field, readonly string[]> = {
  external_id: ["externalid", "id", "rollno", "rollnumber", "roll", "studentid", "employeeid", "staffid", "number", "الرقم", "رقمالطالب", "رقمالموظف", "الرقمالجامعي", "الرقمالوظيفي"],
  name: ["name", "fullname", "studentname", "employeename", "الاسم", "الاسمالكامل", "اسمالطالب", "اسمالموظف"],
  first_name: ["firstname", "givenname", "الاسمالأول"],
  last_name: ["lastname", "surname", "familyname", "اسمالعائلة", "اللقب"],
  second_id: ["secondid", "prn", "prnno", "registrationno", "registrationnumber", "رقمالتسجيل", "رقمالقيد"],
  kind: ["kind", "role", "type", "النوع"],
  email: ["email", "emailaddress", "mail", "البريد", "البريدالإلكتروني"],
  phone: ["phone", "phonenumber", "mobile", "telephone", "الهاتف", "الجوال", "رقمالهاتف"],
  class: ["class", "department", "form", "grade", "الصف", "القسم"],
  section: ["section", "division", "الشعبة"],
  is_active: ["isactive", "active", "نشط"],
  notes: ["notes", "note", "remarks", "ملاحظات"],
};

function plain(heading: string): string {
  return heading.toLowerCase().replace(/[\s\-_.#]/g, "");
}

/** What the headings look like. A column is only taken for one field. */
export function guessColumns(heading: readonly string[]): Columns {
  const columns: Columns = {};
  const known = heading.map(plain);
  for (const field of FIELDS) {
    const found = OFTEN[field].map((name) => known.indexOf(name)).find((at) => at >= 0);
    const column = found === undefined ? undefined : heading[found];
    if (column && !Object.values(columns).includes(column)) columns[field] = column;
  }
  return columns;
}

export type Lack = "external_id" | "name" | "twice";

/** What is missing before the table can be checked. Without a name only people who are known already can be changed. */
export function lacks(columns: Columns): Lack[] {
  const used = Object.values(columns);
  const found: Lack[] = [];
  if (!columns.external_id) found.push("external_id");
  if (!columns.name && !columns.first_name && !columns.last_name) found.push("name");
  if (new Set(used).size < used.length) found.push("twice");
  return found;
}

export interface Reading {
  columns: Columns;
  defaults: { kind: "student" | "employee"; class: string; section: string };
  separator: string;
  encoding: string;
}

/** The mapping as the API takes it. */
export function mappingOf({ columns, defaults, separator, encoding }: Reading): Mapping {
  const said = Object.entries(defaults).filter(([, value]) => value.trim() !== "");
  return {
    columns: { ...columns } as Record<string, string>,
    defaults: Object.fromEntries(said),
    separator: separator || null,
    encoding: encoding || null,
  };
}
