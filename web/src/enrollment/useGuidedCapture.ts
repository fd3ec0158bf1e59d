import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { afterFailure } from "./guidance";
import type { Capture, EnrollmentSource } from "./source";

const PAUSE = 150;
const PAUSE_AFTER_FAILURE = 1500;

export interface Guided {
  /** How the capture stands; none before it was begun. */
  capture: Capture | null;
  /** Frames are not answered at the moment, and sent again. */
  isInterrupted: boolean;
  error: Error | null;
  isBeginning: boolean;
  begin: () => void;
}

/** A guided capture: while it is open, one frame after the other is sent, the next when the last was answered. */
export function useGuidedCapture(source: EnrollmentSource, frame: () => Promise<Blob | null>): Guided {
  const [capture, setCapture] = useState<Capture | null>(null);
  const [isInterrupted, setInterrupted] = useState(false);
  const [stopped, setStopped] = useState<Error | null>(null);
  const newest = useRef({ source, frame });
  useEffect(() => {
    newest.current = { source, frame };
  });

  const begin = useMutation({
    mutationFn: () => newest.current.source.beginCapture(),
    onMutate: () => {
      setStopped(null);
      setCapture(null);
    },
    onSuccess: (begun) => setCapture(begun),
  });

  const id = capture?.state === "open" ? capture.id : null;
  useEffect(() => {
    if (id === null) return undefined;
    let isGone = false;
    const feed = async () => {
      while (!isGone) {
        const picture = document.hidden ? null : await newest.current.frame();
        if (!picture) {
          await pause(PAUSE);
          continue;
        }
        try {
          const after = await newest.current.source.look(id, picture);
          if (isGone) return;
          setInterrupted(false);
          setCapture(after);
          if (after.state !== "open") return;
          await pause(PAUSE);
        } catch (error) {
          if (isGone) return;
          const next = afterFailure(error);
          if (next === "again") {
            setInterrupted(true);
            await pause(PAUSE_AFTER_FAILURE);
            continue;
          }
          if (next === "finished") {
            const after = await newest.current.source.showCapture(id).catch(() => null);
            if (after && !isGone) setCapture(after);
          } else setStopped(error instanceof Error ? error : new Error(String(error)));
          return;
        }
      }
    };
    void feed();
    return () => {
      isGone = true;
    };
  }, [id]);

  return {
    capture,
    isInterrupted,
    error: begin.error ?? stopped,
    isBeginning: begin.isPending,
    begin: () => begin.mutate(),
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
