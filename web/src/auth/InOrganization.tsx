import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, Suspense, lazy, useState } from "react";
import { useNavigate } from "react-router";

import { Problem } from "../api/problem";
import { setOrganizationId } from "../api/session";
import { Loading, ProblemNote } from "../parts/states";
import { OrganizationContext, useOrganizationBy } from "./organization";
import { useUser } from "./user";

const Organizations = lazy(async () => ({ default: (await import("../pages/organizations/Organizations")).Organizations }));

/** Kept as long as the tab is: a page that is loaded anew is in the same organization. */
const STORED = "rollcall.organization";

/** What is below is about one organization: the user's own, or the one that an administrator of the installation chose. */
export function InOrganization({ children }: { children: ReactNode }) {
  const { organization_id: own } = useUser();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [chosen, setChosen] = useState(() => {
    const before = own ? null : sessionStorage.getItem(STORED);
    setOrganizationId(before);
    return before;
  });
  const choose = (id: string | null) => {
    setOrganizationId(id);
    if (id) sessionStorage.setItem(STORED, id);
    else sessionStorage.removeItem(STORED);
    // Nothing of the one is to be seen in the other.
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" });
    setChosen(id);
  };
  const id = own ?? chosen;
  const organization = useOrganizationBy(id);
  const leave = () => {
    void navigate("/");
    choose(null);
  };
  // One that is gone is chosen no more.
  const isGone = organization.error instanceof Problem && organization.error.status === 404 && !own;
  if (!id || isGone) {
    return (
      <Suspense fallback={<Loading />}>
        <Organizations onChoose={choose} />
      </Suspense>
    );
  }
  if (organization.error && !organization.data) return <ProblemNote error={organization.error} retry={() => void organization.refetch()} />;
  if (!organization.data) return <Loading />;
  return (
    <OrganizationContext value={{ organization: organization.data, leave: own ? null : leave }}>{children}</OrganizationContext>
  );
}
