// One refresh at a time, in all tabs of this browser: they share one cookie, and a refresh token that is used twice ends the
// login.

const NAME = "rollcall-refresh";
/** A page that was left in the middle of it holds the others up for so long, in milliseconds. */
const LONGEST = 2000;

/** What is left of the wait for a turn that began at `since` and that nobody has ended; 0: none. */
export function wait(since: string | null, now: number): number {
  const begun = Number(since ?? Number.NaN);
  // Clocks may be set back: what lies in the future is no reason to wait.
  return begun <= now ? Math.max(0, begun + LONGEST - now) : 0;
}

/**
 * Does `work` while no other tab does. The browser's lock ends with its page, but the request of a page that is gone goes on:
 * a mark in the storage that all tabs share stands for it.
 */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = async () => {
    const left = wait(localStorage.getItem(NAME), Date.now());
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    localStorage.setItem(NAME, String(Date.now()));
    const done = await work();
    // Not where it failed, since so it does for a page that is being left: its request may still be on its way.
    localStorage.removeItem(NAME);
    return done;
  };
  // Absent over plain HTTP from another machine, where no more than the mark is to be had.
  const locks = (navigator as Partial<Navigator>).locks;
  return locks ? locks.request(NAME, turn) : turn();
}
