// A school in which every page has something to show.

import { GROUP, enrolling, heldBack } from "../harness/pictures";
import { type Account, type School, address, made, unique } from "../harness/system";
import { kioskLink } from "../../src/pages/kiosk/pass";

export interface FullSchool {
  /** An administrator who is a person of the school, too. */
  admin: Account;
  /** One of each that has a page of its own, by its name in the routes. */
  ids: Readonly<Record<"personId" | "courseId" | "sessionId", string>>;
  closedSession: string;
  kiosk: string;
}

export async function fill(school: School): Promise<FullSchool> {
  const { api } = school;
  const mindy = await school.person("Mindy Kaling");
  const enrolled = school.enroll(mindy, [...enrolling("mindy_kaling"), GROUP]);
  const ada = await school.person("Ada Lovelace with a Name That Does Not Want to End on a Narrow Page");
  const layla = await school.person("ليلى الحداد");
  const admin = await school.user("admin", mindy);
  const teacher = await school.user("teacher");
  const course = await school.course("Biology of the Deep Sea and Everything Else That Is Dark", [mindy, ada, layla], teacher.id);

  const today = new Date().toISOString().slice(0, 10);
  const series = { rule: "FREQ=WEEKLY;BYDAY=MO,WE", starts_on: today, start_time: "08:15:00", duration_minutes: 90 };
  await made(api.POST("/api/v1/courses/{course_id}/series", { params: { path: { course_id: course } }, body: series }));
  await made(api.POST("/api/v1/holidays", { body: { name: "Independence Day", first_day: today } }));
  const consent = { params: { path: { person_id: mindy } }, body: { version: "2026-1" } };
  await made(api.POST("/api/v1/people/{person_id}/consents", consent));
  await made(api.PUT("/api/v1/people/{person_id}/pin", { params: { path: { person_id: ada } }, body: { pin: "2718" } }));
  await made((await school.as(admin)).POST("/api/v1/users/me/erasure-request"));

  const mark = (session: string, person: string, state: "late" | "excused") =>
    made(
      api.POST("/api/v1/sessions/{session_id}/attendance", {
        params: { path: { session_id: session } },
        body: { person_id: person, state, reason: "By the morning bus." },
      }),
    );
  const closed = await school.session(course);
  await mark(closed, ada, "late");
  await made(api.POST("/api/v1/sessions/{session_id}/close", { params: { path: { session_id: closed } } }));
  const active = await school.session(course);
  await mark(active, layla, "excused");
  const camera = { name: unique("Door"), session_id: active };
  const { key } = await made(api.POST("/api/v1/cameras", { body: camera }));

  await enrolled;
  // Somebody who is known, and many who are not.
  for (const picture of [...heldBack("mindy_kaling"), GROUP]) await school.show(active, picture);
  return {
    admin,
    ids: { personId: mindy, courseId: course, sessionId: active },
    closedSession: closed,
    kiosk: kioskLink(address, active, { key, title: "Biology", zone: "Europe/Zurich" }),
  };
}
