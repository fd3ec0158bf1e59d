import { randomKey } from "../../api/idempotency";

const STORED = "rollcall.device";

/** What this device calls itself when somebody checks in with it: the same each time, and nothing about them. */
export function device(store: Pick<Storage, "getItem" | "setItem"> = localStorage): string {
  const known = store.getItem(STORED);
  if (known) return known;
  const made = randomKey();
  store.setItem(STORED, made);
  return made;
}
