// QR codes (ISO/IEC 18004), drawn here so that no picture has to come from anywhere.

import { LARGEST, codeWords, versionFor } from "./words";

/** Rows of modules; true is dark. */
export type Modules = readonly (readonly boolean[])[];

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

class Grid {
  readonly size: number;
  readonly #dark: Uint8Array;
  readonly #fixed: Uint8Array;

  constructor(readonly version: number) {
    this.size = 17 + 4 * version;
    this.#dark = new Uint8Array(this.size * this.size);
    this.#fixed = new Uint8Array(this.size * this.size);
  }

  isDark(x: number, y: number): boolean {
    return this.#dark[y * this.size + x] === 1;
  }

  isFixed(x: number, y: number): boolean {
    return this.#fixed[y * this.size + x] === 1;
  }

  set(x: number, y: number, dark: boolean): void {
    this.#dark[y * this.size + x] = dark ? 1 : 0;
  }

  fix(x: number, y: number, dark: boolean): void {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.set(x, y, dark);
    this.#fixed[y * this.size + x] = 1;
  }

  rows(): boolean[][] {
    return Array.from({ length: this.size }, (_, y) => Array.from({ length: this.size }, (_x, x) => this.isDark(x, y)));
  }
}

/** A square of rings around a middle; `isRing` says which of them are dark. */
function rings(grid: Grid, x: number, y: number, reach: number, isRing: (distance: number) => boolean): void {
  for (let dy = -reach; dy <= reach; dy += 1) {
    for (let dx = -reach; dx <= reach; dx += 1) grid.fix(x + dx, y + dy, isRing(Math.max(Math.abs(dx), Math.abs(dy))));
  }
}

/** Where the marks for alignment are, along each side. */
function alignment(version: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2;
  const places = Array.from({ length: count - 1 }, (_, index) => 10 + 4 * version - index * step);
  return [6, ...places.toReversed()];
}

function drawMarks(grid: Grid): void {
  const { size, version } = grid;
  for (let index = 0; index < size; index += 1) {
    grid.fix(6, index, index % 2 === 0);
    grid.fix(index, 6, index % 2 === 0);
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) rings(grid, x, y, 4, (far) => far !== 2 && far !== 4);
  const places = alignment(version);
  const last = places.length - 1;
  for (const [i, x] of places.entries()) {
    for (const [j, y] of places.entries()) {
      const isCorner = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
      if (!isCorner) rings(grid, x, y, 2, (far) => far !== 1);
    }
  }
  drawFormat(grid, 0);
  if (version >= 7) {
    let rest = version;
    for (let bit = 0; bit < 12; bit += 1) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    const bits = (version << 12) | rest;
    for (let bit = 0; bit < 18; bit += 1) {
      const [near, far, dark] = [Math.floor(bit / 3), size - 11 + (bit % 3), ((bits >> bit) & 1) === 1];
      grid.fix(far, near, dark);
      grid.fix(near, far, dark);
    }
  }
}

/** Level M (00) and which mask it is, twice. */
function drawFormat(grid: Grid, mask: number): void {
  const { size } = grid;
  let rest = mask;
  for (let bit = 0; bit < 10; bit += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  const bits = ((mask << 10) | rest) ^ 0x5412;
  const is = (bit: number) => ((bits >> bit) & 1) === 1;
  for (let bit = 0; bit <= 5; bit += 1) grid.fix(8, bit, is(bit));
  grid.fix(8, 7, is(6));
  grid.fix(8, 8, is(7));
  grid.fix(7, 8, is(8));
  for (let bit = 9; bit < 15; bit += 1) grid.fix(14 - bit, 8, is(bit));
  for (let bit = 0; bit < 8; bit += 1) grid.fix(size - 1 - bit, 8, is(bit));
  for (let bit = 8; bit < 15; bit += 1) grid.fix(8, size - 15 + bit, is(bit));
  grid.fix(8, size - 8, true);
}

/** Up and down in pairs of columns, from the right. */
function drawWords(grid: Grid, words: Uint8Array): void {
  const { size } = grid;
  let bit = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    const isUp = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step += 1) {
      const y = isUp ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (grid.isFixed(x, y)) continue;
        grid.set(x, y, (((words[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1);
        bit += 1;
      }
    }
  }
}

function drawMask(grid: Grid, mask: number): void {
  const isFlipped = MASKS[mask];
  for (let y = 0; y < grid.size; y += 1) {
    for (let x = 0; x < grid.size; x += 1) {
      if (!grid.isFixed(x, y) && isFlipped?.(x, y)) grid.set(x, y, !grid.isDark(x, y));
    }
  }
}

/** How hard the picture is to read (7.8.3): runs, blocks, what looks like a corner, and too much of one shade. */
export function penalty(rows: Modules): number {
  const size = rows.length;
  const dark = (x: number, y: number) => rows[y]?.[x] === true;
  let sum = 0;
  let darks = 0;
  for (const at of [dark, (x: number, y: number) => dark(y, x)]) {
    for (let y = 0; y < size; y += 1) {
      let line = "";
      for (let x = 0; x < size; x += 1) line += at(x, y) ? "1" : "0";
      for (const run of line.match(/0{5,}|1{5,}/g) ?? []) sum += run.length - 2;
      for (let x = 0; x <= size - 11; x += 1) {
        const part = line.slice(x, x + 11);
        if (part === "10111010000" || part === "00001011101") sum += 40;
      }
    }
  }
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      if (dark(x, y)) darks += 1;
      const isBlock = x > 0 && y > 0 && [dark(x - 1, y), dark(x, y - 1), dark(x - 1, y - 1)].every((one) => one === dark(x, y));
      if (isBlock) sum += 3;
    }
  }
  return sum + 10 * Math.floor(Math.abs((20 * darks) / (size * size) - 10));
}

/** The QR code of a text; null where it is too long for one. */
export function encode(text: string): Modules | null {
  const bytes = new TextEncoder().encode(text);
  const version = versionFor(bytes.length);
  if (version === null || version > LARGEST) return null;
  const words = codeWords(bytes, version);
  let best: { rows: Modules; penalty: number } | null = null;
  for (let mask = 0; mask < MASKS.length; mask += 1) {
    const grid = new Grid(version);
    drawMarks(grid);
    drawWords(grid, words);
    drawMask(grid, mask);
    drawFormat(grid, mask);
    const rows = grid.rows();
    const cost = penalty(rows);
    if (!best || cost < best.penalty) best = { rows, penalty: cost };
  }
  return best?.rows ?? null;
}

/** The dark modules as the `d` of an SVG path, one unit each. */
export function path(rows: Modules): string {
  return rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
}
