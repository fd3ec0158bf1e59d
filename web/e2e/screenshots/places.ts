// Every page that is pictured: one line each. `{name}` in an address is an id of demo.ts.

import type { Page } from "playwright-core";

import type { Panel } from "../harness/panel";
import type { Demo } from "./demo";
import { beginCapture, checkTable, greeted, photographClass, uploadPhotos, watchClass } from "./steps";

export interface Place {
  /** Of the file. */
  name: string;
  path: string;
  /** Who looks; the administrator where it is not said. */
  as?: "admin" | "teacher" | "member" | "nobody" | "installation";
  camera?: "class" | "face";
  /** What is done before the picture is taken. */
  steps?: (page: Page, panel: Panel, demo: Demo) => Promise<void>;
  /** Also in Arabic, in the dark, on a phone. */
  also?: readonly ("ar" | "dark" | "phone")[];
  /** All of the page and not only what is seen at first. */
  isWhole?: boolean;
}

export const PLACES: readonly Place[] = [
  { name: "sign-in", path: "/", as: "nobody" },
  { name: "dashboard", path: "/", also: ["ar", "dark"], isWhole: true },
  { name: "live", path: "/sessions/{session}/live", camera: "class", steps: watchClass, also: ["ar", "dark", "phone"] },
  { name: "people", path: "/people", also: ["ar"] },
  { name: "person", path: "/people/{person}" },
  { name: "person-attendance", path: "/people/{person}?tab=attendance", isWhole: true },
  { name: "person-consent", path: "/people/{person}?tab=consent" },
  { name: "person-face", path: "/people/{person}?tab=face" },
  { name: "import", path: "/people/import", steps: checkTable, isWhole: true },
  { name: "enroll-upload", path: "/people/{unknown}/enroll", steps: uploadPhotos, isWhole: true },
  { name: "enroll-camera", path: "/people/{unknown}/enroll?by=camera", camera: "face", steps: beginCapture, also: ["phone"] },
  { name: "enrollments", path: "/enrollments" },
  { name: "courses", path: "/courses" },
  { name: "course", path: "/courses/{course}" },
  { name: "course-rules", path: "/courses/{course}?tab=policy", isWhole: true },
  { name: "course-timetable", path: "/courses/{course}?tab=timetable" },
  { name: "holidays", path: "/holidays" },
  { name: "sessions", path: "/sessions" },
  { name: "sessions-list", path: "/sessions?view=list" },
  { name: "session", path: "/sessions/{closed}" },
  { name: "session-photos", path: "/sessions/{other}/photos", steps: photographClass, isWhole: true },
  { name: "session-faces", path: "/sessions/{session}/faces" },
  { name: "session-rules", path: "/sessions/{session}/rules" },
  { name: "session-code", path: "/sessions/{session}/code" },
  { name: "results-day", path: "/results" },
  { name: "results-course", path: "/results?by=course&course={course}", isWhole: true },
  { name: "results-person", path: "/results?by=person&person={person}", isWhole: true },
  { name: "kiosk-setup", path: "/kiosk" },
  { name: "kiosk-face", path: "/kiosk/{session}#key={key}&title=Biology&zone={zone}", as: "nobody", camera: "face", steps: greeted, also: ["phone"] },
  { name: "kiosk-code", path: "/kiosk/{session}?mode=code#key={key}&title=Biology&zone={zone}", as: "nobody", also: ["dark"] },
  { name: "kiosk-pin", path: "/kiosk/{session}?mode=pin#key={key}&title=Biology&zone={zone}", as: "nobody" },
  { name: "cameras", path: "/cameras" },
  { name: "users", path: "/users" },
  { name: "erasures", path: "/erasures" },
  { name: "receipts", path: "/erasures?tab=receipts" },
  { name: "index", path: "/index" },
  { name: "jobs", path: "/jobs", as: "installation" },
  { name: "audit", path: "/audit" },
  { name: "settings", path: "/settings", isWhole: true },
  { name: "own", path: "/me", as: "member", isWhole: true },
  { name: "check-in", path: "/check-in", as: "member" },
];
