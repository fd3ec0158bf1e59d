import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { Outlet } from "react-router";

import { onTokens, tokens } from "../api/session";
import { Loading, ProblemNote } from "../parts/states";
import { ChoosePassword } from "./ChoosePassword";
import { InOrganization } from "./InOrganization";
import { SignIn } from "./SignIn";
import { UserContext, useMe } from "./user";

/** What is below is only for whoever is signed in; everybody else is asked to, where they are. */
export function SignedIn() {
  const current = useSyncExternalStore(onTokens, tokens);
  const client = useQueryClient();
  const isIn = current !== null && !current.mustChangePassword;
  const me = useMe(isIn);
  useEffect(() => {
    // What one user saw is not for the next.
    if (current === null) client.clear();
  }, [current, client]);
  if (current === null) return <SignIn />;
  if (current.mustChangePassword) return <ChoosePassword />;
  if (me.error) return <ProblemNote error={me.error} retry={() => void me.refetch()} />;
  if (!me.data) return <Loading />;
  return (
    <UserContext value={me.data}>
      <InOrganization key={me.data.id}>
        <Outlet />
      </InOrganization>
    </UserContext>
  );
}
