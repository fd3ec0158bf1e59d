import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { inTurn, wait } from "./turns";

const storage = new Map<string, string>();

beforeEach(() => {
  storage.clear();
  vi.useFakeTimers({ now: 10_000 });
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => storage.set(key, value),
    removeItem: (key: string) => storage.delete(key),
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test.each([
  [null, 0],
  ["nonsense", 0],
  ["10000", 2000],
  ["9000", 1000],
  ["8000", 0],
  ["1", 0],
  ["10001", 0],
])("a turn that began at %s is waited for %i ms", (since, expected) => {
  expect(wait(since, 10_000)).toBe(expected);
});

test("turns of all tabs are taken one after the other", async () => {
  let last: Promise<unknown> = Promise.resolve();
  const request = (_: string, work: () => Promise<unknown>) => (last = last.then(work, work));
  vi.stubGlobal("navigator", { locks: { request } });
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await Promise.resolve();
    seen.push(`${name} ends`);
    return name;
  };
  expect(await Promise.all([inTurn(work("one")), inTurn(work("two"))])).toEqual(["one", "two"]);
  expect(seen).toEqual(["one begins", "one ends", "two begins", "two ends"]);
  expect(storage.size).toBe(0);
});

test("a page that was left in the middle is waited for", async () => {
  vi.stubGlobal("navigator", {});
  storage.set("rollcall-refresh", "9500");
  let done = false;
  const turn = inTurn(async () => {
    done = true;
  });
  await vi.advanceTimersByTimeAsync(1400);
  expect(done).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  await turn;
  expect(done).toBe(true);
});

test("a turn that failed may be on its way still, so the next one waits", async () => {
  vi.stubGlobal("navigator", {});
  const fails = async () => {
    throw new Error("the page is being left");
  };
  await expect(inTurn(fails)).rejects.toThrow("left");
  const turn = inTurn(async () => Date.now());
  await vi.advanceTimersByTimeAsync(3000);
  expect(await turn).toBe(12_000);
});
