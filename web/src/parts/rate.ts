// The error rate as people say it: one in so many.

/** From one in a hundred to one in a million, by the power of ten. */
export const LEAST = 2;
export const MOST = 6;
export const STEP = 0.5;

/** A number as one would say it: 316 is 300. */
export function round(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return Math.round(value / power) * power;
}

/** How many scans there are for one wrong mark. */
export function scansPerMistake(rate: number): number {
  return round(1 / rate);
}

/** Where a rate is on the dial. */
export function dialOf(rate: number): number {
  return Math.min(MOST, Math.max(LEAST, -Math.log10(rate)));
}

/** The rate at a place of the dial: exactly one in what it says. */
export function rateAt(dial: number): number {
  return 1 / round(10 ** dial);
}
