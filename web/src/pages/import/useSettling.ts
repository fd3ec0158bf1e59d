import { useQueries } from "@tanstack/react-query";
import { useState } from "react";

import { api, data } from "../../api/client";
import { type EnrollmentState, nextToAsk } from "./settling";

/** The states of many enrollments, a few asked for each second until all have settled. */
export function useSettling(ids: readonly string[]): ReadonlyMap<string, EnrollmentState> {
  const [settled, setSettled] = useState<ReadonlyMap<string, EnrollmentState>>(new Map());
  const asked = nextToAsk(ids, settled);
  const states = useQueries({
    queries: asked.map((id) => ({
      queryKey: ["enrollment", id],
      queryFn: () => data(api.GET("/api/v1/enrollments/{enrollment_id}", { params: { path: { enrollment_id: id } } })),
      refetchInterval: 1000,
      refetchIntervalInBackground: true,
    })),
    combine: (results) => results.map(({ data: enrollment }) => enrollment),
  });
  const news = states.flatMap((one) => (one && one.state !== "pending" ? [[one.id, one.state] as const] : []));
  // Set while rendering: what has settled is not asked for again, and others take its place.
  if (news.some(([id]) => !settled.has(id))) setSettled(new Map([...settled, ...news]));
  return settled;
}
