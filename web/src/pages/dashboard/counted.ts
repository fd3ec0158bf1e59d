interface CountedPage {
  items: readonly unknown[];
  next?: string | null;
}

/** How many there are of what came in one page; there may be more than a page holds. */
export function counted(page: CountedPage | undefined, number: (value: number) => string): string {
  if (!page) return "–";
  return number(page.items.length) + (page.next ? "+" : "");
}

/** How many enrollments wait, for whatever, and where they are: what waits for a person comes first. */
export function waitingEnrollments(
  found: { pending: CountedPage; suspected: CountedPage } | undefined,
  number: (value: number) => string,
): { value: string; to: string } {
  if (!found) return { value: "–", to: "/enrollments" };
  const { pending, suspected } = found;
  const items = [...pending.items, ...suspected.items];
  const isForWorkers = suspected.items.length === 0 && pending.items.length > 0;
  return { value: counted({ items, next: pending.next ?? suspected.next ?? null }, number), to: isForWorkers ? "/enrollments?state=pending" : "/enrollments" };
}

/** Of people who were in several sessions, each counts once. */
export function countedPeople(
  page: { items: readonly { person_id: string }[]; next?: string | null } | undefined,
  number: (value: number) => string,
): string {
  if (!page) return "–";
  return number(new Set(page.items.map((one) => one.person_id)).size) + (page.next ? "+" : "");
}
