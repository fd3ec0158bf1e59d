import { Navigate } from "react-router";

import { useUser } from "../../auth/user";
import { Dashboard } from "./Dashboard";

/** Where one begins: staff with the day, members with what is theirs. */
export function Start() {
  const { role } = useUser();
  return role === "member" ? <Navigate to="/me" replace /> : <Dashboard />;
}
