// Who is signed in. The access token lives in this module and nowhere else: it is gone when the page is. The refresh token
// is in a cookie that no script can read, and that all tabs share.

import { inTurn } from "./turns";

export interface Tokens {
  access: string;
  /** Nothing is open but choosing another password. */
  mustChangePassword: boolean;
}

type Listener = (tokens: Tokens | null) => void;

let current: Tokens | null = null;
let lapsed: string | null = null;
let organization: string | null = null;
const listeners = new Set<Listener>();
let refreshing: Promise<Tokens | null> | null = null;

export function tokens(): Tokens | null {
  return current;
}

export function setTokens(next: Tokens | null): void {
  current = next;
  for (const listener of listeners) listener(next);
}

/** Whether a login ended by itself, so that whoever was in may want to go on where they were. */
export function hasLapsed(): boolean {
  return lapsed !== null;
}

/** Whoever was in has left, and nothing of what they did waits for them. */
export function leave(): void {
  lapsed = null;
  setTokens(null);
}

/** Calls `listener` whenever somebody signs in or out; answers with how to stop that. */
export function onTokens(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The organization that an administrator of the installation works in; others have one of their own. */
export function organizationId(): string | null {
  return organization;
}

export function setOrganizationId(id: string | null): void {
  organization = id;
}

interface TokenAnswer {
  access_token: string;
  password_change_required: boolean;
}

export function welcome(answer: TokenAnswer): Tokens {
  // What this page holds is not for somebody else.
  if (lapsed !== null && subject(answer.access_token) !== lapsed) location.reload();
  lapsed = null;
  const next = { access: answer.access_token, mustChangePassword: answer.password_change_required };
  setTokens(next);
  return next;
}

/** Whose token it is. */
function subject(access: string): string | undefined {
  const claims = access.split(".")[1] ?? "";
  return (JSON.parse(atob(claims.replace(/-/g, "+").replace(/_/g, "/"))) as { sub?: string }).sub;
}

/** The next pair of tokens, by the cookie. However many ask at once, one request is made: a refresh token is good once. */
export function refresh(): Promise<Tokens | null> {
  refreshing ??= inTurn(ask)
    .catch(() => null)
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

async function ask(): Promise<Tokens | null> {
  // The page may be left at any moment; the answer still has to reach the browser, with the next cookie.
  const response = await fetch("/api/v1/auth/refresh", { method: "POST", credentials: "same-origin", keepalive: true });
  if (response.ok) {
    const answer = (await response.json()) as TokenAnswer;
    // Somebody else has signed in, in another tab: what this page shows is not theirs.
    if (current && subject(current.access) !== subject(answer.access_token)) location.reload();
    return welcome(answer);
  }
  // Only a refusal ends the login: a gateway that is away will be back.
  if (response.status === 401 || response.status === 403) {
    if (current) lapsed = subject(current.access) ?? null;
    setTokens(null);
  }
  return null;
}
