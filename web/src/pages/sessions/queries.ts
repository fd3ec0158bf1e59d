import { queryOptions } from "@tanstack/react-query";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";

export type Session = components["schemas"]["Session"];
export type SessionState = components["schemas"]["SessionState"];

export function sessionQuery(sessionId: string) {
  return queryOptions({
    queryKey: ["sessions", sessionId, "itself"],
    queryFn: () => data(api.GET("/api/v1/sessions/{session_id}", { params: { path: { session_id: sessionId } } })),
  });
}
