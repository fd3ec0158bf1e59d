// What a person before the camera is shown and told.

import type { components } from "../api/schema";
import { Problem } from "../api/problem";

export type Facing = components["schemas"]["Facing"];

/** To which side of the picture the head is to be turned: -1 to the picture's left, 1 to its right, 0 straight ahead. */
export type Turn = -1 | 0 | 1;

/** `left` is the person's own left. A mirror shows it at the left of the picture, a camera that looks at them at the right. */
export function turn(wanted: Facing, isMirrored: boolean): Turn {
  if (wanted === "centre") return 0;
  return (wanted === "left") === isMirrored ? -1 : 1;
}

/** Size of the picture that is sent: large enough for a face, small enough for a slow network. */
export function frameSize(width: number, height: number, longest = 960): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height, 1));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** Seconds that are left, none below 0. */
export function secondsLeft(expiresAt: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(expiresAt) - now) / 1000));
}

/** `2:05` */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** What a frame that was not taken means: the capture has ended, it is to be tried again later, or nothing helps. */
export function afterFailure(error: unknown): "finished" | "again" | "stop" {
  if (!(error instanceof Problem)) return "stop";
  if (error.code === "capture_finished") return "finished";
  const mayPass = error.status === 0 || error.status === 429 || error.status >= 500 || error.code.startsWith("image");
  return mayPass ? "again" : "stop";
}
