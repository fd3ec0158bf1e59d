import { Problem } from "../../api/problem";
import type { Face } from "./api";

/** What is said to somebody before the kiosk. */
export interface Greeting {
  /** Key of its word under `kiosk.said`. */
  word: "welcome" | "goodbye" | "already" | "likely" | "notExpected" | "wrongTime" | "unknown" | "spoof" | "poor";
  isGood: boolean;
  /** Only of those who are marked: others are told nothing about who they look like. */
  name: string | null;
  /** Such as `late`. */
  attendance: Face["attendance"];
  at: string | null;
  /** The same as long as the same is said to the same person. */
  key: string;
}

const WORDS = {
  present: "welcome",
  already: "already",
  likely: "likely",
  not_on_roster: "notExpected",
  outside_hours: "wrongTime",
  unknown: "unknown",
  spoof_suspected: "spoof",
  too_poor: "poor",
} as const;

export function greeting(face: Face): Greeting {
  const word = WORDS[face.status];
  const isGood = word === "welcome" || word === "already";
  return {
    word,
    isGood,
    name: isGood ? (face.name ?? null) : null,
    attendance: isGood ? (face.attendance ?? null) : null,
    at: isGood ? (face.first_seen_at ?? null) : null,
    key: isGood ? `${face.person_id}` : word,
  };
}

/** How long something stays on the screen, in milliseconds. */
export const GOOD_STAYS = 6_000;
export const ELSE_STAYS = 2_500;
/** And where somebody else stands there who is not marked. */
export const BESIDE = 1_500;
/** How many are shown at once. */
const MOST = 6;

export interface Shown extends Greeting {
  until: number;
}

/** What is on the screen after a picture: names stay for a while, and what is wrong is only said where nobody was marked. */
export function shown(before: readonly Shown[], faces: readonly Face[], now: number): Shown[] {
  const said = faces.map((face) => {
    const one = greeting(face);
    return { ...one, until: now + (one.isGood ? GOOD_STAYS : ELSE_STAYS) };
  });
  const good = said.filter((one) => one.isGood);
  const isNext = said.length > 0 && good.length === 0;
  const stays = before.filter((one) =>
    // Whoever comes next does not stand below the name of whoever went.
    one.isGood && isNext ? one.until - GOOD_STAYS + BESIDE > now : one.until > now && (one.isGood || good.length === 0),
  );
  const wrong = good.length > 0 || stays.some((one) => one.isGood) ? [] : said.filter((one) => !one.isGood).slice(0, 1);
  const all = new Map<string, Shown>();
  for (const one of [...(wrong.length > 0 ? stays.filter((old) => old.isGood) : stays), ...good, ...wrong]) {
    // Whoever was welcomed stays welcomed while they stand there, though they are marked already.
    const known = all.get(one.key);
    all.set(one.key, known ? { ...known, until: one.until } : one);
  }
  return [...all.values()].slice(-MOST);
}

/** What is to be said of a refusal, and how long to wait before the next picture, in milliseconds. */
export function refusal(error: unknown): { word: string; pause: number; isOver: boolean } {
  if (!(error instanceof Problem)) return { word: "failed", pause: 3_000, isOver: false };
  if (error.status === 401 || error.status === 403 || error.status === 404) return { word: "noKey", pause: 60_000, isOver: true };
  if (error.code === "session_not_active") return { word: "notActive", pause: 10_000, isOver: false };
  if (error.code === "spoof_suspected") return { word: "spoof", pause: 500, isOver: false };
  if (error.status === 0) return { word: "offline", pause: 3_000, isOver: false };
  return { word: "busy", pause: 3_000, isOver: false };
}
