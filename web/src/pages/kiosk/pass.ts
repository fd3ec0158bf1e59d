// What a kiosk holds: the key of a camera, for one session. It is kept in its tab and nowhere else.

import { isZone } from "../../time/zone";

export interface Pass {
  key: string;
  title: string;
  /** Of the site, whose clock is shown; null where it was not said. */
  zone: string | null;
}

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const name = (sessionId: string) => `rollcall.kiosk.${sessionId}`;

/** The address that makes a browser a kiosk. The key is behind the #, which is sent to no server. */
export function kioskLink(origin: string, sessionId: string, pass: Pass): string {
  return `${origin}/kiosk/${sessionId}#${written(pass)}`;
}

function written({ key, title, zone }: Pass): string {
  return new URLSearchParams({ key, title, ...(zone && { zone }) }).toString();
}

/** An address can say anything; a zone that there is not would break the clock. */
function known(zone: string | null): string | null {
  return zone && isZone(zone) ? zone : null;
}

/** What is behind the # of such an address. */
export function passIn(hash: string): Pass | null {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const key = said.get("key")?.trim();
  return key ? { key, title: said.get("title") ?? "", zone: known(said.get("zone")) } : null;
}

export function keptPass(sessionId: string, store: Store = sessionStorage): Pass | null {
  const text = store.getItem(name(sessionId));
  return text ? passIn(text) : null;
}

export function keepPass(sessionId: string, pass: Pass | null, store: Store = sessionStorage): void {
  if (pass) store.setItem(name(sessionId), written(pass));
  else store.removeItem(name(sessionId));
}
