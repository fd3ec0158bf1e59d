// What a kiosk holds: the key of a camera, for one session. It is kept in its tab and nowhere else.

export interface Pass {
  key: string;
  title: string;
}

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const name = (sessionId: string) => `rollcall.kiosk.${sessionId}`;

/** The address that makes a browser a kiosk. The key is behind the #, which is sent to no server. */
export function kioskLink(origin: string, sessionId: string, { key, title }: Pass): string {
  return `${origin}/kiosk/${sessionId}#${new URLSearchParams({ key, title }).toString()}`;
}

/** What is behind the # of such an address. */
export function passIn(hash: string): Pass | null {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const key = said.get("key")?.trim();
  return key ? { key, title: said.get("title") ?? "" } : null;
}

export function keptPass(sessionId: string, store: Store = sessionStorage): Pass | null {
  const text = store.getItem(name(sessionId));
  return text ? passIn(text) : null;
}

export function keepPass(sessionId: string, pass: Pass | null, store: Store = sessionStorage): void {
  if (pass) store.setItem(name(sessionId), new URLSearchParams({ ...pass }).toString());
  else store.removeItem(name(sessionId));
}
