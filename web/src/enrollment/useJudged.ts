import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { useLive } from "../live/useLive";

/** How many photos of an enrollment were looked at so far, as the live events tell; none where nobody has told. */
export function useJudged(id: string, isPending: boolean): number | null {
  const client = useQueryClient();
  const [judged, setJudged] = useState<number | null>(null);
  useLive(
    null,
    {
      onEvent: (event) => {
        if (event.type === "enrollment_progressed" && event.enrollment_id === id) setJudged(event.judged);
        // The verdicts are in the enrollment itself, which is asked for each second anyway.
        if (event.type === "enrollment_finished" && event.enrollment_id === id) {
          void client.invalidateQueries({ queryKey: ["enrollment", id] });
        }
      },
      onResync: () => undefined,
    },
    isPending,
  );
  return judged;
}
