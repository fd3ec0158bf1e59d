// The school that the pictures show, made through the public API. Faces are drawn and are recognised by the real models:
// drawn faces are more alike than photographed ones, so the school asks for a similarity of 0.75.

import type { components } from "../../src/api/schema";
import { CAST, STRANGER } from "../drawn/cast";
import { develop } from "../drawn/develop";
import { classroom, portrait } from "../drawn/picture";
import { numbers } from "../drawn/traits";
import { type Account, School, apiOf, made } from "../harness/system";
import { OTHERS, STAFF } from "./names";
import { foundedLongAgo, moveBack, morningZone } from "./past";

export interface Demo {
  school: School;
  teacher: Account;
  member: Account;
  /** Ids by what they stand for: a page's address has them as `{person}`. */
  ids: Record<string, string>;
  /** The class that the camera sees. */
  pictures: string[];
  /** Photos of somebody who is not enrolled; in the last one are others too. */
  photos: string[];
}

const IN_CLASS = 7;
const next = numbers(2026);

export async function demo(): Promise<Demo> {
  const school = await School.create("Hillside School", morningZone(), "office@hillside.example");
  const { api } = school;
  const organization = { params: { path: { organization_id: school.id } } };
  await made(api.PUT("/api/v1/organizations/{organization_id}/recognition-policy", { ...organization, body: { false_match_rate: 0.0001, forced_threshold: 0.75, liveness: "off", retain_photos: false } }));
  await made(api.PUT("/api/v1/organizations/{organization_id}/settings", { ...organization, body: { consent_required: true, members_may_enroll: true, retention: { attendance_days: 730, logs_days: 30, photos_days: 30 } } }));

  const names = [...CAST.map(({ name }) => name), ...OTHERS];
  const people: string[] = [];
  for (const [at, name] of names.entries()) people.push(await person(school, at, name));
  for (const [at, name] of STAFF.entries()) {
    await made(api.POST("/api/v1/people", { body: { kind: "employee", external_id: `E${at + 1}`, name, class: "Staff", is_active: true } }));
  }
  await enrollAll(school, people);

  const teacher = await school.user("teacher", null, "b.almeida@hillside.example");
  await school.user("teacher", null, "n.rahman@hillside.example");
  const member = await school.user("member", people[0], "amara@hillside.example");
  const leaver = await school.user("member", people[OTHERS.length], "leaver@hillside.example");
  const ids: Record<string, string> = { zone: encodeURIComponent(morningZone()), person: people[0] ?? "", unknown: people[20] ?? "", ...(await teach(school, people, teacher.id)) };
  const seen = await film(school, ids);
  await administration(school, people, ids, leaver);
  return { school, teacher, member, ids: { ...ids, ...seen.ids }, pictures: seen.pictures, photos: [...(await develop([portrait(STRANGER.face), portrait(STRANGER.face, { turn: 0.2, smile: 0.3 })])), ...seen.pictures.slice(0, 1)] };
}

async function person(school: School, at: number, name: string): Promise<string> {
  const body = { kind: "student" as const, external_id: `S${String(at + 1).padStart(3, "0")}`, name, class: at % 2 ? "11" : "10", section: at % 4 < 2 ? "A" : "B", is_active: true };
  const { id } = await made(school.api.POST("/api/v1/people", { body: { ...body, ...(at % 3 === 0 && { email: `s${at + 1}@hillside.example` }) } }));
  const consent = { params: { path: { person_id: id } }, body: { version: "2026-08", ...(at % 2 === 0 && { guardian: "Parent or guardian" }) } };
  if (at < CAST.length + 16) await made(school.api.POST("/api/v1/people/{person_id}/consents", consent));
  return id;
}

async function enrollAll(school: School, people: readonly string[]): Promise<void> {
  const photos = await develop(CAST.flatMap(({ face }) => [portrait(face), portrait(face, { turn: 0.15, smile: 1 })]));
  for (const at of CAST.keys()) {
    const { state, id, duplicate } = await school.tryToEnroll(people[at] ?? "", photos.slice(2 * at, 2 * at + 2));
    if (state === "completed") continue;
    if (state !== "duplicate_suspected" || (duplicate?.similarity ?? 1) > 0.75) throw new Error(`${CAST[at]?.name} is ${state}`);
    await made(school.api.POST("/api/v1/enrollments/{enrollment_id}/confirm-distinct", { params: { path: { enrollment_id: id } } }));
  }
  // Somebody else's face once more: the panel asks whether that is right.
  await school.tryToEnroll(people[CAST.length + 2] ?? "", photos.slice(4, 5));
}

/** Courses, their timetable, what has been taught, and what is going on. */
async function teach(school: School, people: readonly string[], teacher: string): Promise<Record<string, string>> {
  const { api } = school;
  const courses = [
    { code: "BIO-10", title: "Biology", members: [...people.slice(0, 12), ...people.slice(18, 30)], at: "10:15:00", days: "MO,WE,FR" },
    { code: "MAT-11", title: "Mathematics", members: people.slice(8, 34), at: "08:30:00", days: "TU,TH" },
    { code: "HIS-11", title: "History of the Mediterranean", members: [...people.slice(0, IN_CLASS), ...people.slice(28)], at: "13:45:00", days: "MO,TH" },
  ];
  const ids: string[] = [];
  for (const { code, title, members } of courses) {
    const { id } = await made(api.POST("/api/v1/courses", { body: { code, title, policy: { late_after_minutes: 10 } as components["schemas"]["CoursePolicy"] } }));
    await made(api.POST("/api/v1/courses/{course_id}/roster", { params: { path: { course_id: id } }, body: { person_ids: members } }));
    await made(api.PUT("/api/v1/courses/{course_id}/teachers/{user_id}", { params: { path: { course_id: id, user_id: teacher } } }));
    ids.push(id);
  }
  foundedLongAgo();
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  for (const [at, { at: time, days }] of courses.entries()) {
    const body = { rule: `FREQ=WEEKLY;BYDAY=${days};UNTIL=${day(120).replaceAll("-", "")}`, starts_on: day(1), start_time: time, duration_minutes: 50, automatic: true };
    await made(api.POST("/api/v1/courses/{course_id}/series", { params: { path: { course_id: ids[at] ?? "" } }, body }));
  }
  await made(api.POST("/api/v1/holidays", { body: { name: "Winter holidays", first_day: day(30), last_day: day(43) } }));
  await made(api.POST("/api/v1/holidays", { body: { name: "Staff day", first_day: day(12) } }));
  let closed = "";
  const weak = new Set([9, 21, 30].map((at) => people[at]));
  for (const back of [27, 25, 24, 22, 20, 18, 17, 15, 13, 11, 10, 8, 6, 4, 3, 1]) {
    const course = back % 3;
    closed = await over(school, ids[course] ?? "", courses[course]?.members ?? [], weak, back);
  }
  const session = await school.session(ids[0] ?? "");
  moveBack(session, 4);
  const other = await school.session(ids[2] ?? "");
  for (const one of people.slice(30, 37)) await mark(school, other, one, "present");
  moveBack(other, 25);
  return { course: ids[0] ?? "", session, other, closed };
}

async function mark(school: School, session: string, person: string, state: "present" | "late" | "excused", reason?: string): Promise<void> {
  const params = { params: { path: { session_id: session } } };
  await made(school.api.POST("/api/v1/sessions/{session_id}/attendance", { ...params, body: { person_id: person, state, ...(reason && { reason }) } }));
}

async function over(school: School, course: string, members: readonly string[], weak: ReadonlySet<string | undefined>, back: number): Promise<string> {
  const session = await school.session(course);
  const away: string[] = [];
  const came: Promise<void>[] = [];
  for (const one of members) {
    if (next() > (weak.has(one) ? 0.55 : 0.93)) away.push(one);
    else came.push(mark(school, session, one, next() < 0.1 ? "late" : "present"));
  }
  await Promise.all(came);
  const [excused] = away;
  if (excused) await mark(school, session, excused, "excused", "Ill, told by telephone");
  await made(school.api.POST("/api/v1/sessions/{session_id}/close", { params: { path: { session_id: session } } }));
  moveBack(session, back * 1440);
  return session;
}

/** Cameras, and what they see. */
async function film(school: School, ids: Record<string, string>): Promise<{ ids: Record<string, string>; pictures: string[] }> {
  const { api } = school;
  const session = ids.session ?? "";
  const faces = [...CAST.slice(0, IN_CLASS).map(({ face }) => face), STRANGER.face];
  const pictures = await develop([0, 3, -3].map((moved) => classroom(faces, moved)));
  const { id: camera } = await made(api.POST("/api/v1/cameras", { body: { name: "Room 12, above the board" } }));
  await made(api.POST("/api/v1/cameras", { body: { name: "Main entrance" } }));
  const { key } = await made(api.POST("/api/v1/cameras", { body: { name: "Kiosk: Biology", session_id: session } }));
  const old = await made(api.POST("/api/v1/cameras", { body: { name: "Old phone" } }));
  await made(api.DELETE("/api/v1/cameras/{camera_id}", { params: { path: { camera_id: old.id } } }));
  return { ids: { camera, key }, pictures };
}

async function administration(school: School, people: readonly string[], ids: Record<string, string>, leaver: Account): Promise<void> {
  const { api } = school;
  await made(api.PUT("/api/v1/people/{person_id}/pin", { params: { path: { person_id: people[0] ?? "" } }, body: { pin: "482913" } }));
  const change = { person_id: people[10] ?? "", state: "excused" as const, reason: "At the dentist until ten" };
  await made(api.POST("/api/v1/sessions/{session_id}/attendance", { params: { path: { session_id: ids.closed ?? "" } }, body: change }));
  const gone = await school.person("Former Student", "S900");
  await made(api.POST("/api/v1/people/{person_id}/erasure", { params: { path: { person_id: gone } } }));
  const { email, password } = leaver;
  await made((await apiOf({ email, password })).POST("/api/v1/users/me/erasure-request", {}));
  await made(api.POST("/api/v1/index/rebuild", { body: {} }));
}
