// The same change for many people: one request for each, a few at a time.

export interface BulkProgress {
  done: number;
  total: number;
}

export interface BulkOutcome<Item> {
  succeeded: Item[];
  failed: { item: Item; error: Error }[];
}

const AT_A_TIME = 4;

/** Does `change` for each item. One that fails does not hold up the others. */
export async function forEach<Item>(
  items: readonly Item[],
  change: (item: Item) => Promise<unknown>,
  onProgress: (progress: BulkProgress) => void,
): Promise<BulkOutcome<Item>> {
  const outcome: BulkOutcome<Item> = { succeeded: [], failed: [] };
  const waiting = [...items];
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await change(item);
        outcome.succeeded.push(item);
      } catch (error) {
        outcome.failed.push({ item, error: error instanceof Error ? error : new Error(String(error)) });
      }
      onProgress({ done: outcome.succeeded.length + outcome.failed.length, total: items.length });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return outcome;
}
