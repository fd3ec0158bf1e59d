import { expect, test } from "vitest";

import { Problem } from "../../api/problem";
import type { Face } from "./api";
import { BESIDE, ELSE_STAYS, GOOD_STAYS, greeting, refusal, shown } from "./greeting";
import { keepPass, keptPass, kioskLink, passIn } from "./pass";

const face = (status: Face["status"], name: string | null = null): Face => ({
  status,
  name,
  person_id: name,
  attendance: name ? "present" : null,
  first_seen_at: name ? "2026-11-21T08:00:00Z" : null,
  timestamp: "2026-11-21T08:00:00Z",
});
const words = (all: readonly { word: string; name: string | null }[]) => all.map((one) => one.name ?? one.word);

test("nobody is told whom they look like", () => {
  expect(greeting(face("likely", "Ada"))).toMatchObject({ name: null, attendance: null, word: "likely" });
  expect(greeting(face("not_on_roster", "Ada")).name).toBeNull();
  expect(greeting(face("present", "Ada"))).toMatchObject({ name: "Ada", isGood: true, attendance: "present" });
});

test("whoever is marked stays on the screen for a while, welcomed once", () => {
  const first = shown([], [face("present", "Ada")], 0);
  const again = shown(first, [face("already", "Ada"), face("present", "Alan")], 1000);
  expect(words(again)).toEqual(["Ada", "Alan"]);
  expect(again[0]).toMatchObject({ word: "welcome", until: 1000 + GOOD_STAYS });
  expect(shown(again, [], 1000 + GOOD_STAYS)).toEqual([]);
});

test("what is wrong is said only where nobody is welcomed", () => {
  const welcomed = shown([], [face("unknown"), face("present", "Ada")], 0);
  expect(words(welcomed)).toEqual(["Ada"]);
  expect(words(shown(welcomed, [face("unknown")], 10))).toEqual(["Ada"]);
  // Ada went, and a stranger stands there.
  expect(words(shown(welcomed, [face("unknown")], BESIDE))).toEqual(["unknown"]);
  expect(words(shown(welcomed, [], BESIDE))).toEqual(["Ada"]);
  const wrong = shown([], [face("unknown"), face("too_poor")], 0);
  expect(words(wrong)).toEqual(["unknown"]);
  expect(words(shown(wrong, [face("too_poor")], 10))).toEqual(["poor"]);
  expect(words(shown(wrong, [face("present", "Ada")], 10))).toEqual(["Ada"]);
  expect(shown(wrong, [], ELSE_STAYS)).toEqual([]);
});

test.each([
  [new Problem(409, { code: "session_not_active" }), "notActive", false],
  [new Problem(401, { code: "unauthenticated" }), "noKey", true],
  [new Problem(422, { code: "spoof_suspected" }), "spoof", false],
  [new Problem(503, { code: "overloaded" }), "busy", false],
  [new Problem(0, {}), "offline", false],
  [new TypeError("x"), "failed", false],
])("%s is said as %s", (error, word, isOver) => {
  expect(refusal(error)).toMatchObject({ word, isOver });
});

test("a kiosk's address holds its key, and the tab keeps it", () => {
  const pass = { key: "rck_a-b_c", title: "BIO 10 & friends #1", zone: "Asia/Kathmandu" };
  const link = new URL(kioskLink("https://rollcall.example", "0191", pass));
  expect(link.pathname).toBe("/kiosk/0191");
  expect(passIn(link.hash)).toEqual(pass);
  expect(passIn("")).toBeNull();
  expect(passIn("#key=rck_x&zone=Moon/Crater")).toEqual({ key: "rck_x", title: "", zone: null });
  const kept = new Map<string, string>();
  const store = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
  keepPass("0191", pass, store);
  expect(keptPass("0191", store)).toEqual(pass);
  expect(keptPass("0192", store)).toBeNull();
  keepPass("0191", null, store);
  expect(keptPass("0191", store)).toBeNull();
});
