import { useCallback, useEffect, useRef, useState } from "react";

import { api } from "../api/client";
import { picture } from "../api/multipart";
import { Problem } from "../api/problem";
import { Awaited, type Judged, type Result } from "./frames";
import { type Picture, take } from "./pictures";

/** How many pictures may be on their way at once: the next one is taken while the last one is looked at. */
const AT_ONCE = 2;
const LONGEST_WAIT = 8_000;
/** Where no events are heard, the answer is waited for; in seconds. */
const WAIT = 5;
const PAUSE = 2_000;
const TICK = 50;

export interface Numbers {
  sent: number;
  judged: number;
  /** Those that the server had no time for. */
  dropped: number;
  /** Milliseconds from taking the last picture to its result. */
  took: number | null;
}

const NONE: Numbers = { sent: 0, judged: 0, dropped: 0, took: null };

interface Options {
  sessionId: string;
  video: () => HTMLVideoElement | null;
  isOn: boolean;
  /** Whether results are heard of; else each is waited for. */
  isLive: boolean;
  perSecond: number;
  onJudged: (judged: Judged<Picture>) => void;
  /** The session is not active, or the user may not: nothing more is sent. */
  onRefused: (problem: Problem) => void;
}

/** Sends what the camera shows, the newest picture each time, and as many as the server keeps up with. */
export function useFrames(options: Options): { numbers: Numbers; problem: Problem | null; heard: (result: Result) => void } {
  const [numbers, setNumbers] = useState<Numbers>(NONE);
  const [problem, setProblem] = useState<Problem | null>(null);
  const awaited = useRef(new Awaited<Picture>(LONGEST_WAIT));
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  const found = useCallback((judged: Judged<Picture> | null) => {
    if (!judged) return;
    setNumbers((before) => ({ ...before, judged: before.judged + 1, took: judged.took }));
    latest.current.onJudged(judged);
    judged.picture.bitmap.close();
  }, []);
  const heard = useCallback((result: Result) => found(awaited.current.heard(result, performance.now())), [found]);

  const { sessionId, isOn } = options;
  useEffect(() => {
    if (!isOn) return undefined;
    const abort = new AbortController();
    let sending = 0;
    let next = 0;
    const one = async () => {
      const video = latest.current.video();
      const at = performance.now();
      const taken = video && (await take(video));
      if (!taken || abort.signal.aborted) return;
      setNumbers((before) => ({ ...before, sent: before.sent + 1 }));
      try {
        const answer = await send(sessionId, taken.jpeg, latest.current.isLive, abort.signal);
        setProblem(null);
        if (typeof answer === "string") found(awaited.current.accepted(answer, taken, at, performance.now()));
        else found({ picture: taken, result: answer, at, took: performance.now() - at });
      } catch (error) {
        if (abort.signal.aborted || !(error instanceof Problem)) return;
        // What is not known to pass by itself is not tried again and again.
        const passes = error.status === 0 || error.status === 429 || error.status >= 500 || error.status === 422;
        if (error.status !== 422) next = performance.now() + PAUSE;
        setProblem(error);
        if (!passes) latest.current.onRefused(error);
      }
    };
    const timer = setInterval(() => {
      const now = performance.now();
      const dropped = awaited.current.giveUp(now);
      if (dropped > 0) setNumbers((before) => ({ ...before, dropped: before.dropped + dropped }));
      if (now < next || sending + awaited.current.count >= AT_ONCE) return;
      next = now + 1000 / latest.current.perSecond;
      sending += 1;
      void one().finally(() => {
        sending -= 1;
      });
    }, TICK);
    return () => {
      clearInterval(timer);
      abort.abort();
      awaited.current = new Awaited<Picture>(LONGEST_WAIT);
    };
  }, [sessionId, isOn, found]);
  return { numbers, problem, heard };
}

/** The frame's id, or its result where that was waited for. */
async function send(sessionId: string, jpeg: Blob, isLive: boolean, signal: AbortSignal): Promise<string | Result> {
  const answer = await api.POST("/api/v1/sessions/{session_id}/frames", {
    params: { path: { session_id: sessionId }, ...(!isLive && { query: { wait: WAIT } }) },
    ...picture(jpeg),
    signal,
  });
  const body = answer.data;
  if (!body) throw new Problem(answer.response.status, {});
  return "sightings" in body ? body : body.frame_id;
}
