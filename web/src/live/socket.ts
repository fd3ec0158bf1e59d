// The live WebSocket: what happens, as it happens. Its events are hints; the truth is in the lists. Each time it opens,
// and each time the server says that some were missed, whoever listens is told to read the lists again.

import type { components } from "../api/schema";

export type LiveEvent = components["schemas"]["Event"];

/** `refused`: this user may not watch that, and it is not tried again. */
export type LiveState = "connecting" | "open" | "waiting" | "refused";

export interface Listener {
  onEvent: (event: LiveEvent) => void;
  /** Events may have been missed: read the lists. Called after each opening, too. */
  onResync: () => void;
  onState: (state: LiveState) => void;
}

/** What the socket needs of the world; tests bring their own. */
export interface World {
  /** Rejects with a problem that has a status. */
  ticket: () => Promise<string>;
  open: (ticket: string) => WebSocket;
  /** Calls `then` after so many milliseconds; answers with how to prevent that. */
  later: (milliseconds: number, then: () => void) => () => void;
  random: () => number;
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
/** Whatever was open for so long was no failed attempt. */
const STEADY = 5_000;

/** How long to wait before the attempt after so many failures: twice as long each time, and not all clients at once. */
export function wait(failures: number, random: number): number {
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures);
  return longest / 2 + (longest / 2) * random;
}

export function read(text: string): LiveEvent | { type: "resync" } | null {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message !== "object" || message === null || !("type" in message)) return null;
    return message as LiveEvent | { type: "resync" };
  } catch {
    return null;
  }
}

function isRefusal(error: unknown): boolean {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : 0;
  // Not 401: a login that ended may be begun again while the page waits.
  return status === 403 || status === 404;
}

export class LiveSocket {
  private readonly world: World;
  private readonly listener: Listener;
  private socket: WebSocket | null = null;
  private cancelWait: (() => void) | null = null;
  private cancelSteady: (() => void) | null = null;
  private failures = 0;
  private isOver = false;

  constructor(world: World, listener: Listener) {
    this.world = world;
    this.listener = listener;
    void this.connect();
  }

  /** No more is heard of it. */
  close(): void {
    this.isOver = true;
    this.cancelWait?.();
    this.cancelSteady?.();
    this.socket?.close(1000);
    this.socket = null;
  }

  /** Tries at once where it waits: the network is back. */
  hurry(): void {
    if (!this.cancelWait) return;
    this.cancelWait();
    this.cancelWait = null;
    this.failures = 0;
    void this.connect();
  }

  /** The network is gone, which the browser would notice only much later. */
  drop(): void {
    const socket = this.socket;
    socket?.close();
    // A browser may say so only after a while.
    if (socket) this.closed(socket);
  }

  private async connect(): Promise<void> {
    this.listener.onState("connecting");
    let ticket: string;
    try {
      ticket = await this.world.ticket();
    } catch (error) {
      if (this.isOver) return;
      if (isRefusal(error)) this.listener.onState("refused");
      else this.retry();
      return;
    }
    if (this.isOver) return;
    const socket = this.world.open(ticket);
    this.socket = socket;
    socket.addEventListener("open", () => this.opened(socket));
    socket.addEventListener("message", (message) => this.heard(socket, message.data));
    socket.addEventListener("close", () => this.closed(socket));
  }

  private opened(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.cancelSteady = this.world.later(STEADY, () => {
      this.failures = 0;
    });
    this.listener.onState("open");
    this.listener.onResync();
  }

  private heard(socket: WebSocket, text: unknown): void {
    if (socket !== this.socket || typeof text !== "string") return;
    const message = read(text);
    if (message?.type === "resync") this.listener.onResync();
    else if (message) this.listener.onEvent(message as LiveEvent);
  }

  private closed(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.socket = null;
    this.cancelSteady?.();
    this.cancelSteady = null;
    if (!this.isOver) this.retry();
  }

  private retry(): void {
    this.listener.onState("waiting");
    this.cancelWait = this.world.later(wait(this.failures, this.world.random()), () => {
      this.cancelWait = null;
      void this.connect();
    });
    this.failures += 1;
  }
}
