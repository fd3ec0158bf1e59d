import { describe, expect, test } from "vitest";

import { type Attendance, type AttendanceChange, apply, fromLists, inOrder, tally } from "./standings";

function row(id: string, more: Partial<Attendance> = {}): Attendance {
  return { person_id: id, external_id: id, name: id, state: null, sightings: 0, stay_seconds: 0, is_corrected: false, ...more };
}

function change(number: number, id: string, more: Partial<AttendanceChange> = {}): AttendanceChange {
  return { number, person_id: id, from: null, to: "present", is_present: true, cause: "sighting", at: `2026-09-01T08:00:0${number}Z`, ...more };
}

describe("standings", () => {
  test("somebody comes", () => {
    const after = apply(fromLists([row("ada"), row("bob")], 4), [change(5, "ada")]);
    expect(after?.last).toBe(5);
    expect(after?.people.get("ada")).toMatchObject({ state: "present", isPresent: true, first_seen_at: "2026-09-01T08:00:05Z" });
    expect(after?.people.get("bob")?.isPresent).toBe(false);
  });

  test("what is known already changes nothing", () => {
    const before = fromLists([row("ada", { state: "late" })], 5);
    expect(apply(before, [change(4, "ada"), change(5, "ada")])).toEqual(before);
  });

  test("a gap, or somebody who is not in the list, asks for the list", () => {
    const before = fromLists([row("ada")], 5);
    expect(apply(before, [change(7, "ada")])).toBeNull();
    expect(apply(before, [change(6, "eve")])).toBeNull();
  });

  test("whoever goes is not there, and keeps when they came", () => {
    const before = fromLists([row("ada", { state: "present", first_seen_at: "2026-09-01T08:00:00Z" })], 1);
    const after = apply(before, [change(2, "ada", { from: "present", to: "present", is_present: false, cause: "check_out" })]);
    expect(after?.people.get("ada")).toMatchObject({ isPresent: false, first_seen_at: "2026-09-01T08:00:00Z" });
  });

  test("whoever checked out is not there", () => {
    const list = fromLists([row("ada", { state: "present", checked_out_at: "2026-09-01T09:00:00Z" })], 1);
    expect(list.people.get("ada")?.isPresent).toBe(false);
  });

  test("counts, and the order of the list", () => {
    const list = fromLists(
      [row("zoe"), row("ada"), row("bob", { state: "late", first_seen_at: "2026-09-01T08:20:00Z" }), row("cid", { state: "present", first_seen_at: "2026-09-01T08:00:00Z" }), row("dan", { state: "excused" })],
      0,
    ).people;
    expect(tally(list.values())).toEqual({ present: 1, late: 1, missing: 2, excused: 1, leftEarly: 0, all: 5 });
    expect(inOrder(list.values(), "en").map((one) => one.name)).toEqual(["bob", "cid", "ada", "dan", "zoe"]);
  });
});
