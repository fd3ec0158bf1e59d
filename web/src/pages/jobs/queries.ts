import { useQuery } from "@tanstack/react-query";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";

export type Queue = components["schemas"]["Queue"];
export type DeadLetter = components["schemas"]["DeadLetter"];

/** How often is looked while the page is open, in milliseconds. Looking at letters holds them for a moment. */
const [QUEUES, LETTERS] = [5_000, 15_000];

/** Only administrators of the installation may ask. */
export function useQueues(enabled = true) {
  return useQuery({ queryKey: ["jobs", "queues"], queryFn: () => data(api.GET("/api/v1/queues")), enabled, refetchInterval: QUEUES });
}

export function useDeadLetters() {
  return useQuery({ queryKey: ["jobs", "dead-letters"], queryFn: () => data(api.GET("/api/v1/dead-letters")), refetchInterval: LETTERS });
}

/** All organizations by their ids: letters are of any of them. */
export function useOrganizationNames(enabled: boolean) {
  return useQuery({
    queryKey: ["organizations", "names"],
    queryFn: async () => {
      const page = await data(api.GET("/api/v1/organizations", { params: { query: { limit: 200 } } }));
      return new Map(page.items.map((one) => [one.id, one.name]));
    },
    staleTime: 60_000,
    enabled,
  });
}
