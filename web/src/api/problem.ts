// What the API answers when something was not carried out (RFC 9457).

import type { components } from "./schema";

export type ProblemBody = components["schemas"]["Problem"];

export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly requestId: string | null;
  readonly errors: readonly components["schemas"]["FieldError"][];

  constructor(status: number, body: Partial<ProblemBody>) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.code = body.code ?? (status === 0 ? "unreachable" : "unknown");
    this.status = status;
    this.title = body.title ?? "";
    this.requestId = body.request_id ?? null;
    this.errors = body.errors ?? [];
  }
}

/** Whether this is not for this user: no fault, and nothing to try again. */
export function isForbidden(error: Error | null): boolean {
  return error instanceof Problem && error.status === 403;
}

/** The server could not be reached at all. */
export function unreachable(): Problem {
  return new Problem(0, {});
}
