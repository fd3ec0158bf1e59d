// Who a drawn person is: what stays the same from one drawing of them to the next. All of it comes from a number.

export type Hair = "short" | "long" | "curly" | "bun" | "bob" | "scarf" | "bald";

export interface Traits {
  seed: number;
  skin: string;
  hairColour: string;
  hair: Hair;
  cloth: string;
  iris: string;
  lips: string;
  /** Half of the face at the eyes, where these are 70 apart. */
  width: number;
  jaw: number;
  chin: number;
  hairline: number;
  eyeApart: number;
  eyeWide: number;
  eyeHigh: number;
  eyeTilt: number;
  browAbove: number;
  browThick: number;
  browTilt: number;
  noseLong: number;
  noseWide: number;
  mouthDown: number;
  mouthWide: number;
  upperLip: number;
  lowerLip: number;
  beard: "none" | "stubble" | "full" | "moustache";
  glasses: "none" | "round" | "square";
  age: number;
}

/** Numbers from 0 to 1 that are always the same for a seed. */
export function numbers(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const SKINS = ["#f3cdb3", "#e8b896", "#d9a074", "#c68a5c", "#a56a42", "#7d4b2e", "#5b3522", "#efc3a4"];
const HAIRS = ["#1a1412", "#2a1c15", "#4a2f1d", "#6d4526", "#a87842", "#8a8a8a", "#7a2f16", "#0f0d10"];
const CLOTHS = ["#35577d", "#7d3548", "#3f6b4f", "#5a4a78", "#b0803a", "#4a5560", "#2f6f73", "#8c8f94"];
const IRISES = ["#3b2414", "#2b1a10", "#5a3a1c", "#4d6a7a", "#5c6b3a", "#3d2a1a"];

/** A person. Men and women are drawn by what people make of their hair and faces, and by how strong brows and jaws are. */
export function traits(seed: number, known: Partial<Traits> = {}): Traits {
  const next = numbers(seed);
  const among = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T;
  const between = (low: number, high: number) => low + (high - low) * next();
  const skinAt = (seed * 3 + Math.floor(next() * 2)) % SKINS.length;
  const isStrong = seed % 2 === 0;
  const isDark = skinAt >= 3 && skinAt <= 6;
  const skin = SKINS[skinAt] ?? "#d9a074";
  const hair: Hair = isStrong ? among(["short", "short", "curly", "bald", "short"]) : among(["long", "bun", "bob", "scarf", "curly", "long"]);
  return {
    seed,
    skin,
    hair,
    hairColour: isDark ? among(HAIRS.slice(0, 3)) : among(HAIRS),
    cloth: among(CLOTHS),
    iris: isDark ? among(IRISES.slice(0, 3)) : among(IRISES),
    lips: mixed(skin, isStrong ? "#8a4038" : "#a8323c", isStrong ? 0.35 : 0.55),
    width: isStrong ? between(66, 84) : between(64, 78),
    jaw: isStrong ? between(0.8, 0.95) : between(0.72, 0.86),
    chin: between(108, 134),
    hairline: between(-78, -58),
    eyeApart: between(29.5, 39),
    eyeWide: between(14, 20),
    eyeHigh: between(5, 9.5),
    eyeTilt: between(-4, 5),
    browAbove: between(15, 23),
    browThick: isStrong ? between(5, 8) : between(2.6, 5),
    browTilt: between(-3, 5),
    noseLong: between(30, 48),
    noseWide: between(11.5, 23),
    mouthDown: between(69, 88),
    mouthWide: between(23, 34),
    upperLip: between(4, 9),
    lowerLip: between(6, 12),
    beard: isStrong ? among(["none", "none", "stubble", "full", "moustache"]) : "none",
    glasses: among(["none", "none", "none", "round", "square"]),
    age: between(0, 0.6),
    ...known,
  };
}

/** A colour that is `share` of the way from one to the other. */
export function mixed(from: string, to: string, share: number): string {
  const part = (colour: string, at: number) => Number.parseInt(colour.slice(1 + 2 * at, 3 + 2 * at), 16);
  const hex = (at: number) => Math.round(part(from, at) * (1 - share) + part(to, at) * share).toString(16).padStart(2, "0");
  return `#${hex(0)}${hex(1)}${hex(2)}`;
}
