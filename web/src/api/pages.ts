interface OnePage<T> {
  items: T[];
  next?: string | null;
}

/** All pages of a list, at most `most` rows; for what a page needs whole, such as the names of courses. */
export async function allPages<T>(fetchPage: (cursor: string | undefined) => Promise<OnePage<T>>, most = 2000): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await fetchPage(cursor);
    rows.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor && rows.length < most);
  return rows;
}
