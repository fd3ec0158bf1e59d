import { useQueryClient } from "@tanstack/react-query";
import { Activity, useEffect, useSyncExternalStore } from "react";
import { Outlet } from "react-router";

import { hasLapsed, onTokens, tokens } from "../api/session";
import { Loading, ProblemNote } from "../parts/states";
import { ChoosePassword } from "./ChoosePassword";
import { InOrganization } from "./InOrganization";
import { SignIn } from "./SignIn";
import { UserContext, useMe } from "./user";

/** What is below is only for whoever is signed in; everybody else is asked to, where they are. Where a login ended by
 * itself, the page is only hidden meanwhile: what was typed is there again for whoever signs in as the same. */
export function SignedIn() {
  const current = useSyncExternalStore(onTokens, tokens);
  const lapsed = useSyncExternalStore(onTokens, hasLapsed);
  const client = useQueryClient();
  const isIn = current !== null && !current.mustChangePassword;
  const isHidden = current === null && lapsed;
  const me = useMe(isIn);
  useEffect(() => {
    // What one user saw is not for the next.
    if (current === null && !lapsed) client.clear();
  }, [current, lapsed, client]);
  useEffect(() => {
    // What was refused in between is asked for again.
    if (isIn) void client.invalidateQueries({ predicate: (query) => query.state.status === "error" });
  }, [isIn, client]);
  if (current === null && !(isHidden && me.data)) return <SignIn />;
  if (current?.mustChangePassword) return <ChoosePassword />;
  if (!me.data) return me.error ? <ProblemNote error={me.error} retry={() => void me.refetch()} /> : <Loading />;
  return (
    <>
      {isHidden && <SignIn again />}
      <Activity mode={isHidden ? "hidden" : "visible"}>
        <UserContext value={me.data}>
          <InOrganization key={me.data.id}>
            <Outlet />
          </InOrganization>
        </UserContext>
      </Activity>
    </>
  );
}
