import Dialog from "@mui/material/Dialog";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Outlet } from "react-router";

import { hasEnded, onTokens, tokens } from "../api/session";
import { Loading, ProblemNote } from "../parts/states";
import { ChoosePassword } from "./ChoosePassword";
import { InOrganization } from "./InOrganization";
import { SignIn } from "./SignIn";
import { UserContext, useMe } from "./user";

/** What is below is only for whoever is signed in; everybody else is asked to, where they are. */
export function SignedIn() {
  const current = useSyncExternalStore(onTokens, tokens);
  const { t } = useTranslation();
  const client = useQueryClient();
  const isEnded = useSyncExternalStore(onTokens, hasEnded);
  const isIn = current !== null && !current.mustChangePassword;
  const me = useMe(isIn);
  useEffect(() => {
    // What one user saw is not for the next.
    if (current === null && !isEnded) client.clear();
  }, [current, isEnded, client]);
  useEffect(() => {
    // What was refused in between is asked for again.
    if (isIn) void client.invalidateQueries({ predicate: (query) => query.state.status === "error" });
  }, [isIn, client]);
  if (current === null && !(isEnded && me.data)) return <SignIn />;
  if (current?.mustChangePassword) return <ChoosePassword />;
  if (!me.data) return me.error ? <ProblemNote error={me.error} retry={() => void me.refetch()} /> : <Loading />;
  return (
    <UserContext value={me.data}>
      <InOrganization key={me.data.id}>
        <Outlet />
      </InOrganization>
      {isEnded && (
        <Dialog open fullScreen aria-label={t("account.signIn")}>
          <SignIn again />
        </Dialog>
      )}
    </UserContext>
  );
}
