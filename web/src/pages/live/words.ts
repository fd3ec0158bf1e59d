/** How wide a letter is at the most, in parts of the font's 15 pixels. */
const LETTER = 10;

/** Where the middle of a text must be for all of it to be in the picture, as near as may be to where it is wanted. */
export function inside(wanted: number, text: string, pixel: number, width: number): number {
  const half = Math.min((text.length * LETTER * pixel) / 2, width / 2);
  return Math.max(half, Math.min(width - half, wanted));
}
