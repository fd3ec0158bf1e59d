/** How many there are of what came in one page; there may be more than a page holds. */
export function counted(page: { items: readonly unknown[]; next?: string | null } | undefined, number: (value: number) => string): string {
  if (!page) return "–";
  return number(page.items.length) + (page.next ? "+" : "");
}

/** Of people who were in several sessions, each counts once. */
export function countedPeople(
  page: { items: readonly { person_id: string }[]; next?: string | null } | undefined,
  number: (value: number) => string,
): string {
  if (!page) return "–";
  return number(new Set(page.items.map((one) => one.person_id)).size) + (page.next ? "+" : "");
}
