import { useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";

import { api, data } from "../api/client";
import type { components } from "../api/schema";

export type Organization = components["schemas"]["Organization"];

export interface Within {
  organization: Organization;
  /** Goes to another one; only administrators of the installation can. */
  leave: (() => void) | null;
}

export const OrganizationContext = createContext<Within | null>(null);

/** The organization that is worked in; only below `InOrganization`. */
export function useOrganization(): Organization {
  return useWithin().organization;
}

export function useWithin(): Within {
  const within = useContext(OrganizationContext);
  if (!within) throw new Error("there is no organization here");
  return within;
}

/** The time zone where nobody is signed in but the site is known. */
export const ZoneContext = createContext<string | null>(null);

/** The time zone of the site; the browser's where there is no site yet. */
export function useZone(): string {
  const within = useContext(OrganizationContext);
  const said = useContext(ZoneContext);
  return within?.organization.time_zone ?? said ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function useOrganizationBy(id: string | null) {
  return useQuery({
    queryKey: ["organization", id],
    queryFn: () =>
      data(api.GET("/api/v1/organizations/{organization_id}", { params: { path: { organization_id: id ?? "" } } })),
    enabled: id !== null,
    // Its time zone is behind everything: it changes here only by hand.
    staleTime: 5 * 60_000,
  });
}
