import { type QueryClient, type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, data } from "../api/client";
import { type AttendanceChange, type Standings, apply, fromLists } from "./standings";

function key(sessionId: string) {
  return ["sessions", sessionId, "standings"] as const;
}

/** How everybody stands in a session; `useLive` keeps it fresh by `heard` and `reread`. */
export function useStandings(sessionId: string): UseQueryResult<Standings> {
  const client = useQueryClient();
  return useQuery({ queryKey: key(sessionId), queryFn: () => fetchStandings(client, sessionId) });
}

/** The number of the last change that was heard of in each session. */
const heardOf = new Map<string, number>();

/** Goes on where the last reading ended: changes first and the list afterwards, so that nothing falls between. */
async function fetchStandings(client: QueryClient, sessionId: string): Promise<Standings> {
  const path = { session_id: sessionId };
  let { last } = await fetchChanges(sessionId, client.getQueryData<Standings>(key(sessionId))?.last ?? 0);
  for (;;) {
    const list = await data(api.GET("/api/v1/sessions/{session_id}/attendance", { params: { path } }));
    const standings = fromLists(list.items, last);
    // What was heard of in the meantime may have come too late for the list.
    if ((heardOf.get(sessionId) ?? 0) <= last) return standings;
    const since = await fetchChanges(sessionId, last);
    const after = apply(standings, since.changes);
    if (after) return after;
    last = since.last;
  }
}

async function fetchChanges(sessionId: string, after: number): Promise<{ changes: AttendanceChange[]; last: number }> {
  const changes: AttendanceChange[] = [];
  let last = after;
  for (let hasMore = true; hasMore; ) {
    const params = { path: { session_id: sessionId }, query: { after: last, limit: 200 } };
    const page = await data(api.GET("/api/v1/sessions/{session_id}/attendance/changes", { params }));
    changes.push(...page.items);
    last = page.last;
    hasMore = page.has_more;
  }
  return { changes, last };
}

/** Takes in what an event told; reads the lists where that is not enough. */
export function heard(client: QueryClient, sessionId: string, changes: readonly AttendanceChange[]): void {
  for (const { number } of changes) heardOf.set(sessionId, Math.max(number, heardOf.get(sessionId) ?? 0));
  // A reading that is under way takes them in at its end.
  if (client.isFetching({ queryKey: key(sessionId) }) > 0) return;
  const before = client.getQueryData<Standings>(key(sessionId));
  const after = before && apply(before, changes);
  if (after) client.setQueryData(key(sessionId), after);
  else reread(client, sessionId);
}

export function reread(client: QueryClient, sessionId: string): void {
  void client.invalidateQueries({ queryKey: key(sessionId) });
}
