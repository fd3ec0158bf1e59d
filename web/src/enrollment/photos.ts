// Photos before they are sent: what the server would refuse anyway is said at once.

import type { FieldLike } from "./verdicts";

export const MOST_PHOTOS = 20;
const MIB = 1024 * 1024;
const LARGEST = 10 * MIB;
const LARGEST_TOGETHER = 64 * MIB;
const TYPES = ["image/jpeg", "image/png", "image/webp"];
export const ACCEPT = TYPES.join(",");

/** Why a file is not sent. */
export type Unfit = "not_an_image" | "heic" | "image_too_large" | "image_empty" | "too_many" | "too_much";

export interface Chosen {
  file: File;
  unfit: Unfit | null;
}

function unfit(file: Pick<File, "name" | "size" | "type">): Unfit | null {
  if (/image\/hei[cf]/.test(file.type) || /\.hei[cf]$/i.test(file.name)) return "heic";
  if (!TYPES.includes(file.type)) return "not_an_image";
  if (file.size === 0) return "image_empty";
  return file.size > LARGEST ? "image_too_large" : null;
}

/** What is sent and what is not, in the order in which they were chosen; the same file counts once. */
export function choose(files: readonly File[]): Chosen[] {
  const seen = new Set<string>();
  let count = 0;
  let bytes = 0;
  return files
    .filter((file) => {
      const same = `${file.name} ${file.size} ${file.lastModified}`;
      return seen.has(same) ? false : seen.add(same);
    })
    .map((file) => {
      const why = unfit(file);
      if (why) return { file, unfit: why };
      if (count === MOST_PHOTOS) return { file, unfit: "too_many" };
      if (bytes + file.size > LARGEST_TOGETHER) return { file, unfit: "too_much" };
      count += 1;
      bytes += file.size;
      return { file, unfit: null };
    });
}

/** Problems of single photos by their place, out of an answer that refused all of them (`/photos/2`). */
export function refusals(errors: readonly FieldLike[]): Map<number, FieldLike> {
  const found = new Map<number, FieldLike>();
  for (const error of errors) {
    const place = /^\/photos\/(\d+)$/.exec(error.pointer)?.[1];
    if (place) found.set(Number(place), error);
  }
  return found;
}
