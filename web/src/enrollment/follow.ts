import { useQuery } from "@tanstack/react-query";

import type { EnrollmentSource } from "./source";

/** An enrollment, asked for again each second until its photos were looked at. */
export function useEnrollment(source: EnrollmentSource, id: string | null) {
  return useQuery({
    queryKey: ["enrollment", id],
    queryFn: () => source.show(id ?? ""),
    enabled: id !== null,
    refetchInterval: (query) => (query.state.data?.state === "pending" ? 1000 : false),
    // Whoever looks at another window meanwhile finds it done.
    refetchIntervalInBackground: true,
  });
}
