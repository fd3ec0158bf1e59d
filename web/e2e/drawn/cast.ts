// The people of the demonstration. None of them exists: names are common ones, faces are drawn.
// The numbers were chosen among ten each so that MobileFaceNet finds no two of them more alike than 0.69 (drawn faces are more
// alike than photographed ones); another drawing of the same person is at 0.92 or more.

import { type Traits, traits } from "./traits";

export interface Member {
  name: string;
  face: Traits;
}

const among = (name: string, seed: number, known: Partial<Traits> = {}): Member => ({ name, face: traits(seed, known) });

export const CAST: readonly Member[] = [
  among("Amara Okafor", 59, { skin: "#6b3f28", hair: "curly", hairColour: "#1a1412", glasses: "none", width: 70 }),
  among("Mateo Herrera", 82, { skin: "#d9a074", hair: "short", hairColour: "#2a1c15", beard: "stubble", glasses: "none" }),
  among("ليلى الحداد", 111, { skin: "#e8b896", hair: "scarf", cloth: "#2f6f73", eyeHigh: 8.5, glasses: "none" }),
  among("Kenji Watanabe", 142, { skin: "#efc3a4", hair: "short", hairColour: "#0f0d10", beard: "none", glasses: "square", eyeHigh: 5 }),
  among("Ingrid Solberg", 189, { skin: "#f3cdb3", hair: "long", hairColour: "#c9a25e", iris: "#4d6a7a", glasses: "none" }),
  among("Priya Raman", 223, { skin: "#a56a42", hair: "long", hairColour: "#1a1412", iris: "#2b1a10", glasses: "none" }),
  among("Tomasz Zieliński", 246, { skin: "#f0c8ae", hair: "short", hairColour: "#8a6238", beard: "full", glasses: "none", iris: "#5c6b3a" }),
  among("Chen Yu-Lan", 289, { skin: "#efc3a4", hair: "bob", hairColour: "#14100f", glasses: "round" }),
  among("Kwame Mensah", 320, { skin: "#4f2e1e", hair: "bald", hairColour: "#14100f", beard: "moustache", glasses: "none" }),
  among("Sofia Rossi", 361, { skin: "#e3ae86", hair: "bun", hairColour: "#4a2f1d", glasses: "none" }),
  among("Omar Farouk", 392, { skin: "#c68a5c", hair: "curly", hairColour: "#1a1412", beard: "none", glasses: "none" }),
  among("Hana Novák", 427, { skin: "#f3cdb3", hair: "curly", hairColour: "#7a2f16", glasses: "none", iris: "#5c6b3a" }),
  among("Aroha Ngata", 467, { skin: "#b57a4e", hair: "bun", hairColour: "#2a1c15", glasses: "square" }),
  among("Lucas Moreau", 494, { skin: "#e8b896", hair: "short", hairColour: "#6d4526", beard: "moustache", glasses: "round" }),
  among("Zeynep Arslan", 527, { skin: "#eabf9d", hair: "scarf", cloth: "#7d3548", glasses: "round" }),
  among("Walter Brandt", 562, { skin: "#efc3a4", hair: "short", hairColour: "#b9b9b9", beard: "full", glasses: "square", age: 0.9 }),
];

/** Somebody whom nobody at the school knows. */
export const STRANGER: Member = among("", 589, { skin: "#d9a074", hair: "bob", hairColour: "#8a4a1e", glasses: "none" });
