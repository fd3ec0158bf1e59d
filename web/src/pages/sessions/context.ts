import { createContext, useContext, useEffect } from "react";

import type { Course } from "../../courses/queries";
import type { Result } from "../../live/frames";
import type { LiveEvent, LiveState } from "../../live/socket";
import type { Formats } from "../../time/formats";
import type { Session } from "./queries";

export interface SessionPlace {
  session: Session;
  course: Course | undefined;
  /** The clocks of the course. */
  clock: Formats;
  liveState: LiveState;
  /** Calls `listener` with each event of the session; answers with how to stop that. */
  listen: (listener: (event: LiveEvent) => void) => () => void;
}

export const SessionContext = createContext<SessionPlace | null>(null);

/** The session of the page; only below `SessionPage`. */
export function useSession(): SessionPlace {
  const place = useContext(SessionContext);
  if (!place) throw new Error("there is no session here");
  return place;
}

/** What is recognised in the session, as it is. */
export function useResults(onResult: (result: Result) => void): void {
  const { listen } = useSession();
  useEffect(() => listen((event) => event.type === "frame_recognized" && onResult(event)), [listen, onResult]);
}
