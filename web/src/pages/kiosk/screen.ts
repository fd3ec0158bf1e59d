import { useEffect, useState } from "react";

export function useFullscreen() {
  const [isFull, setFull] = useState(document.fullscreenElement !== null);
  useEffect(() => {
    const changed = () => setFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  const toggle = () => {
    const done = isFull ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    // A browser that does not want to stays as it is.
    done.catch(() => undefined);
  };
  return { isFull, toggle };
}

/** Keeps the screen from going dark, where the browser can. */
export function useAwake(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    let isGone = false;
    const hold = async () => {
      if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
      lock = await navigator.wakeLock.request("screen").catch(() => null);
      if (isGone) void lock?.release();
    };
    void hold();
    // It is lost whenever the tab is hidden.
    const seen = () => void hold();
    document.addEventListener("visibilitychange", seen);
    return () => {
      isGone = true;
      document.removeEventListener("visibilitychange", seen);
      void lock?.release();
    };
  }, []);
}

export interface ScreenProps {
  passKey: string;
  sessionId: string;
  /** The key is none, or no more. */
  onNoKey: () => void;
}
