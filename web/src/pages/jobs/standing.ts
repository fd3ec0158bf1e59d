// What queues and letters say, put into few words.

import type { DeadLetter, Queue } from "./queries";

/** What wants somebody's attention. */
export type Trouble = "noWorkers" | "failed";

export function troubles(queues: readonly Pick<Queue, "consumers" | "dead_letters">[]): Trouble[] {
  const found: Trouble[] = [];
  if (queues.some((queue) => queue.consumers === 0)) found.push("noWorkers");
  if (failed(queues) > 0) found.push("failed");
  return found;
}

export function waiting(queues: readonly Pick<Queue, "ready">[]): number {
  return queues.reduce((sum, queue) => sum + queue.ready, 0);
}

export function failed(queues: readonly Pick<Queue, "dead_letters">[]): number {
  return queues.reduce((sum, queue) => sum + (queue.dead_letters ?? 0), 0);
}

const REASONS = ["rejected", "delivery_limit"] as const;

/** The key of the word for why a letter was laid aside; `other` for what the broker has other words for. */
export function reasonOf({ reason }: Pick<DeadLetter, "reason">): (typeof REASONS)[number] | "other" {
  return REASONS.find((one) => one === reason) ?? "other";
}

/** Where the work of a letter can be looked at, in its own organization. */
export function placeOf(letter: Pick<DeadLetter, "person_id" | "session_id" | "state">): string | null {
  if (letter.state === "gone") return null;
  if (letter.person_id) return `/people/${letter.person_id}?tab=face`;
  if (letter.session_id) return `/sessions/${letter.session_id}/photos`;
  return null;
}
