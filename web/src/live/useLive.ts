import { useEffect, useRef, useState } from "react";

import { api, data } from "../api/client";
import { type LiveEvent, LiveSocket, type LiveState } from "./socket";

interface Heard {
  onEvent: (event: LiveEvent) => void;
  /** Read the lists: events may have been missed. Called after each opening, too. */
  onResync: () => void;
}

/** Listens to the live events of a session, or of the whole organization, as long as the page is there. */
export function useLive(sessionId: string | null, heard: Heard, enabled = true): LiveState {
  const [state, setState] = useState<LiveState>("connecting");
  const latest = useRef(heard);
  useEffect(() => {
    latest.current = heard;
  });
  useEffect(() => {
    if (!enabled) return undefined;
    const live = new LiveSocket(
      {
        ticket: () => ticket(sessionId),
        open: (good) => new WebSocket(address(good)),
        later: (milliseconds, then) => {
          const timer = setTimeout(then, milliseconds);
          return () => clearTimeout(timer);
        },
        random: Math.random,
      },
      {
        onEvent: (event) => latest.current.onEvent(event),
        onResync: () => latest.current.onResync(),
        onState: setState,
      },
    );
    const hurry = () => live.hurry();
    const drop = () => live.drop();
    window.addEventListener("online", hurry);
    window.addEventListener("offline", drop);
    return () => {
      window.removeEventListener("online", hurry);
      window.removeEventListener("offline", drop);
      live.close();
    };
  }, [sessionId, enabled]);
  return state;
}

async function ticket(sessionId: string | null): Promise<string> {
  const body = sessionId === null ? {} : { session_id: sessionId };
  return (await data(api.POST("/api/v1/live/tickets", { body }))).ticket;
}

function address(good: string): string {
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${window.location.host}/api/v1/live?ticket=${encodeURIComponent(good)}`;
}
