import type { components } from "../../api/schema";
import { addDays, isDay } from "../../time/days";
import { startOfDay } from "../../time/zone";

export type Action = components["schemas"]["AuditAction"];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What the server is asked for, by what the address says; what makes no sense is left out. */
export function query(asked: URLSearchParams, zone: string) {
  const action = asked.get("action") as Action | null;
  const [subject, actor] = [asked.get("subject")?.trim() ?? "", asked.get("actor") ?? ""];
  const [from, to] = [asked.get("from") ?? "", asked.get("to") ?? ""];
  return {
    order: "newest" as const,
    ...(action && { action }),
    ...(UUID.test(subject) && { subject_id: subject }),
    ...(UUID.test(actor) && { actor_id: actor }),
    ...(isDay(from) && { from: startOfDay(from, zone).toISOString() }),
    // The last day is among those that are shown.
    ...(isDay(to) && { to: startOfDay(addDays(to, 1), zone).toISOString() }),
  };
}

/** Whether a typed id is none, so that it is not looked for. */
export function isNoId(text: string): boolean {
  return text.trim() !== "" && !UUID.test(text.trim());
}
