// What a kiosk asks for, with the key of a camera: nothing of whoever may be signed in in this browser.

import { Problem, unreachable } from "../../api/problem";
import type { components } from "../../api/schema";

export type Marked = components["schemas"]["Marked"];
export type Face = components["schemas"]["MarkedFace"];
export type RoomCode = components["schemas"]["RoomCode"];
export type Direction = components["schemas"]["Direction"];

/** How long a frame is waited for, in seconds. */
const WAIT = 5;

async function ask(key: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${key}`);
  const response = await fetch(`/api/v1${path}`, { ...init, headers, credentials: "omit" }).catch(() => {
    throw unreachable();
  });
  if (response.ok) return response;
  throw new Problem(response.status, (await response.json().catch(() => ({}))) as object);
}

/** Who is on a picture; none while nothing was said of it in time. */
export async function mark(key: string, sessionId: string, jpeg: Blob): Promise<readonly Face[]> {
  const response = await ask(key, `/attendance/mark?session_id=${sessionId}&wait=${WAIT}`, {
    method: "POST",
    headers: { "content-type": "image/jpeg" },
    body: jpeg,
  });
  if (response.status !== 200) return [];
  return ((await response.json()) as { faces: Face[] }).faces;
}

export async function roomCode(key: string, sessionId: string): Promise<RoomCode> {
  return (await (await ask(key, `/sessions/${sessionId}/qr`)).json()) as RoomCode;
}

export async function checkIn(
  key: string,
  sessionId: string,
  body: { external_id: string; pin: string; direction: Direction },
): Promise<Marked> {
  const response = await ask(key, `/sessions/${sessionId}/pin-check-ins`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Marked;
}
