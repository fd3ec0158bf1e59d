import type { Role, User } from "../auth/user";

export interface Place {
  path: string;
  /** Key of its word. */
  word: string;
  roles: readonly Role[];
  /** Only for users who are a person, whose own attendance is taken. */
  isOwn?: boolean;
}

/** Where one can go, in the order of the menu. */
export const PLACES: readonly Place[] = [
  { path: "/", word: "nav.dashboard", roles: ["admin", "teacher"] },
  { path: "/people", word: "nav.people", roles: ["admin", "teacher"] },
  { path: "/courses", word: "courses.nav", roles: ["admin", "teacher"] },
  { path: "/sessions", word: "sessions.nav", roles: ["admin", "teacher"] },
  { path: "/results", word: "results.nav", roles: ["admin", "teacher"] },
  { path: "/erasures", word: "erasure.page", roles: ["admin"] },
  { path: "/cameras", word: "cameras.title", roles: ["admin"] },
  { path: "/users", word: "users.title", roles: ["admin"] },
  { path: "/index", word: "index.title", roles: ["admin"] },
  { path: "/audit", word: "audit.title", roles: ["admin"] },
  { path: "/settings", word: "settings.title", roles: ["admin"] },
  { path: "/me", word: "own.title", roles: ["admin", "teacher", "member"], isOwn: true },
];

/** Where a user can go. */
export function placesOf({ role, person_id }: Pick<User, "role" | "person_id">): readonly Place[] {
  return PLACES.filter((place) => place.roles.includes(role) && (!place.isOwn || person_id || role === "member"));
}
