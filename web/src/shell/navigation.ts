import type { Role, User } from "../auth/user";

export interface Place {
  path: string;
  /** Key of its word. */
  word: string;
  roles: readonly Role[];
  /** Only for users who are a person, whose own attendance is taken. */
  isOwn?: boolean;
  /** Only for administrators of the installation, who belong to no organization. */
  isOfInstallation?: boolean;
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
  { path: "/jobs", word: "jobs.title", roles: ["admin"], isOfInstallation: true },
  { path: "/audit", word: "audit.title", roles: ["admin"] },
  { path: "/settings", word: "settings.title", roles: ["admin"] },
  { path: "/me", word: "own.title", roles: ["admin", "teacher", "member"], isOwn: true },
];

/** Where a user can go. */
export function placesOf(user: Pick<User, "role" | "person_id" | "organization_id">): readonly Place[] {
  return PLACES.filter(
    ({ roles, isOwn, isOfInstallation }) =>
      roles.includes(user.role) && (!isOwn || user.person_id || user.role === "member") && (!isOfInstallation || !user.organization_id),
  );
}
