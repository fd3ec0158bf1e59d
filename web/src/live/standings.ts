// How people stand in a session while it runs: the list, and what changed since. Each change has a number, without gaps, so
// that one can tell whether any was missed.

import type { components } from "../api/schema";

export type Attendance = components["schemas"]["Attendance"];
export type AttendanceChange = components["schemas"]["AttendanceChange"];
export type AttendanceState = components["schemas"]["AttendanceState"];

export interface Standing extends Attendance {
  /** Whether they are there now: they came, and have not left. */
  isPresent: boolean;
}

export interface Standings {
  people: ReadonlyMap<string, Standing>;
  /** The number of the last change that is in there. */
  last: number;
}

const HERE: readonly (AttendanceState | null | undefined)[] = ["present", "late"];

export function fromLists(rows: readonly Attendance[], last: number): Standings {
  const people = new Map<string, Standing>();
  for (const row of rows) {
    people.set(row.person_id, { ...row, isPresent: HERE.includes(row.state) && !row.checked_out_at });
  }
  return { people, last };
}

/** The standings after these changes; `null` where some were missed or somebody is not in the list, so that it must be read again. */
export function apply(before: Standings, changes: readonly AttendanceChange[]): Standings | null {
  const people = new Map(before.people);
  let last = before.last;
  for (const change of changes) {
    if (change.number <= last) continue;
    const person = people.get(change.person_id);
    if (change.number !== last + 1 || !person) return null;
    last = change.number;
    people.set(change.person_id, changed(person, change));
  }
  return { people, last };
}

function changed(person: Standing, change: AttendanceChange): Standing {
  const comes = change.is_present && !person.first_seen_at;
  return {
    ...person,
    state: change.to ?? null,
    isPresent: change.is_present,
    first_seen_at: comes ? change.at : (person.first_seen_at ?? null),
    last_seen_at: change.is_present ? change.at : (person.last_seen_at ?? null),
    is_corrected: person.is_corrected || change.cause === "correction",
  };
}

export interface Tallies {
  present: number;
  late: number;
  /** Nothing is known of them yet, or they are absent. */
  missing: number;
  excused: number;
  leftEarly: number;
  all: number;
}

export function tally(rows: Iterable<Pick<Attendance, "state">>): Tallies {
  const counts: Tallies = { present: 0, late: 0, missing: 0, excused: 0, leftEarly: 0, all: 0 };
  for (const { state } of rows) {
    counts.all += 1;
    if (state === "present") counts.present += 1;
    else if (state === "late") counts.late += 1;
    else if (state === "excused") counts.excused += 1;
    else if (state === "left_early") counts.leftEarly += 1;
    else counts.missing += 1;
  }
  return counts;
}

/** Whoever came, the last one first; then whoever has not, by name. */
export function inOrder(people: Iterable<Standing>, language: string): Standing[] {
  const collator = new Intl.Collator(language);
  const key = (person: Standing) => person.first_seen_at ?? "";
  return [...people].sort((a, b) => key(b).localeCompare(key(a)) || collator.compare(a.name, b.name));
}

/** Whoever is absent or has not come, by name. */
export function missed<T extends Pick<Attendance, "state" | "name">>(people: Iterable<T>, language: string): T[] {
  const collator = new Intl.Collator(language);
  return [...people].filter(({ state }) => !state || state === "absent").sort((a, b) => collator.compare(a.name, b.name));
}
