// Photographs of people, which setup takes out of packages of registries. What somebody is enrolled with is never what a
// camera shows of them.

import { readdirSync } from "node:fs";
import { join } from "node:path";

const ROOT = process.env.ROLLCALL_FACES ?? "";

export type Face = "ben_afflek" | "elton_john" | "jerry_seinfeld" | "madonna" | "mindy_kaling";

function files(folder: string, count: number): string[] {
  const found = readdirSync(join(ROOT, folder)).sort().slice(0, count);
  if (found.length < count) throw new Error(`fewer than ${count} pictures in ${folder}: run scripts/setup`);
  return found.map((name) => join(ROOT, folder, name));
}

/** To enroll somebody with. */
export function enrolling(face: Face, count = 2): string[] {
  return files(`celebrities/train/${face}`, count);
}

/** To show a camera. */
export function heldBack(face: Face, count = 1): string[] {
  return files(`celebrities/val/${face}`, count);
}

/** Several people, whom nobody knows. */
export const GROUP = join(ROOT, "groups/sample1.jpg");
/** Somebody whom nobody knows. */
export const STRANGER = join(ROOT, "face_recognition/biden.jpg");

/** The same man, who looks ahead, to his left and to his right. */
export const TURNING: readonly string[] = [
  "val/jerry_seinfeld/httpblognjcomentertainmentimpactcelebritiesmediumjerrybjpg.jpg",
  "train/jerry_seinfeld/httpmediapopsugarassetscomfilesusersxlargejpg.jpg",
  "val/jerry_seinfeld/httpafilesbiographycomimageuploadcfillcssrgbdprgfacehqwMTIwNjANjMMDINzIxNjcjpg.jpg",
].map((name) => join(ROOT, "celebrities", name));
