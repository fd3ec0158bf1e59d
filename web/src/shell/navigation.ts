import type { Role } from "../auth/user";

export interface Place {
  path: string;
  /** Key of its word. */
  word: string;
  roles: readonly Role[];
}

/** Where one can go, in the order of the menu. */
export const PLACES: readonly Place[] = [
  { path: "/", word: "nav.dashboard", roles: ["admin", "teacher"] },
  { path: "/people", word: "nav.people", roles: ["admin", "teacher"] },
  // Teaching
  { path: "/courses", word: "courses.nav", roles: ["admin", "teacher"] },
  { path: "/sessions", word: "sessions.nav", roles: ["admin", "teacher"] },
  { path: "/results", word: "results.nav", roles: ["admin", "teacher"] },
];
