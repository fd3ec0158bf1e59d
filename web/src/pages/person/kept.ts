import type { components } from "../../api/schema";

export type Template = components["schemas"]["PersonTemplate"];

export interface Kept {
  /** The quality of the best photo; what is pooled is none of its own. */
  best: number | null;
  /** When the newest was made. */
  last: string | null;
  /** The models that made them. */
  contracts: readonly string[];
}

/** What somebody's templates say together. */
export function keptOf(templates: readonly Pick<Template, "quality" | "origin" | "created_at" | "contract">[]): Kept {
  const photos = templates.filter((one) => one.origin === "original");
  const times = templates.map((one) => one.created_at).sort();
  return {
    best: photos.length > 0 ? Math.max(...photos.map((one) => one.quality)) : null,
    last: times.at(-1) ?? null,
    contracts: [...new Set(templates.map((one) => one.contract))],
  };
}
