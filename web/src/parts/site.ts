// How dates and numbers are written: by the site's clocks, in the language of the panel.

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, data } from "../api/client";
import { organizationId } from "../api/session";
import { useUser } from "../auth/user";

export function useOrganization() {
  const id = useUser().organization_id ?? organizationId();
  return useQuery({
    queryKey: ["organization", id],
    queryFn: () => data(api.GET("/api/v1/organizations/{organization_id}", { params: { path: { organization_id: id ?? "" } } })),
    enabled: id !== null,
    staleTime: 300_000,
  });
}

export interface Site {
  zone: string;
  date: (instant: string) => string;
  dateTime: (instant: string) => string;
  time: (instant: string) => string;
  number: (value: number) => string;
  percent: (share: number) => string;
}

export function useSite(): Site {
  const { i18n } = useTranslation();
  const organization = useOrganization();
  const zone = organization.data?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const written = (options: Intl.DateTimeFormatOptions) => (instant: string) =>
    // Nothing rather than a time that is right elsewhere.
    organization.isLoading ? "" : new Intl.DateTimeFormat(i18n.language, { ...options, timeZone: zone }).format(new Date(instant));
  return {
    zone,
    date: written({ dateStyle: "medium" }),
    dateTime: written({ dateStyle: "medium", timeStyle: "short" }),
    time: written({ timeStyle: "short" }),
    number: (value) => new Intl.NumberFormat(i18n.language).format(value),
    percent: (share) => new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 0 }).format(share),
  };
}
