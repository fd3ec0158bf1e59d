// The public API, typed by docs/openapi.json. The panel uses nothing else.

import createClient, { type Middleware } from "openapi-fetch";

import { Problem, unreachable } from "./problem";
import type { paths } from "./schema";
import { organizationId, refresh, tokens } from "./session";

/** Sends a request with the access token, and once more with the next one when that has expired. */
async function send(request: Request): Promise<Response> {
  // A body can be read once: the copy is for the second try.
  const again = request.clone();
  const first = await fetch(authorized(request)).catch(() => null);
  if (!first) throw unreachable();
  if (first.status !== 401 || request.url.includes("/auth/login")) return first;
  if (!(await refresh())) return first;
  return fetch(authorized(again)).catch(() => {
    throw unreachable();
  });
}

function authorized(request: Request): Request {
  const access = tokens()?.access;
  if (access) request.headers.set("authorization", `Bearer ${access}`);
  const organization = organizationId();
  if (organization) request.headers.set("x-organization-id", organization);
  return request;
}

/** Every answer that is none becomes a `Problem`, so that a query or mutation fails with it. */
const refuse: Middleware = {
  async onResponse({ response }) {
    if (response.ok || response.status === 101) return undefined;
    const body = await response
      .clone()
      .json()
      .catch(() => ({}));
    throw new Problem(response.status, body as object);
  },
};

export const api = createClient<paths>({ baseUrl: "/", fetch: send });
api.use(refuse);

/** What an answer holds. */
export async function data<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}
