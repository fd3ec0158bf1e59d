// Pictures of drawn people: a portrait for enrolling, a row of them as a class is seen.

import { type Look, face } from "./face";
import { type Traits, mixed } from "./traits";

/** A little grain, as cameras have it: what is perfectly smooth is taken for out of focus. */
const GRAIN = `<filter id="grain" x="0" y="0" width="100%" height="100%">
  <feTurbulence type="fractalNoise" baseFrequency="0.8" numOctaves="2" seed="7"/>
  <feColorMatrix type="matrix" values="0 0 0 0 0.5  0 0 0 0 0.5  0 0 0 0 0.5  0.9 0 0 0 -0.28"/>
</filter>`;

function sheet(width: number, height: number, inner: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
    <defs>${GRAIN}</defs>${inner}<rect width="${width}" height="${height}" filter="url(#grain)" opacity="0.3"/></svg>`;
}

/** One person from the front, head and shoulders, 480 x 560. */
export function portrait(traits: Traits, look: Look = {}): string {
  const wall = mixed("#cfd6da", traits.cloth, 0.12);
  return sheet(
    480,
    560,
    `<defs><radialGradient id="wall" cx="0.45" cy="0.35" r="0.8"><stop offset="0" stop-color="${mixed(wall, "#ffffff", 0.35)}"/><stop offset="1" stop-color="${mixed(wall, "#000000", 0.15)}"/></radialGradient></defs>
     <rect width="480" height="560" fill="url(#wall)"/><g transform="translate(240 245)">${face(traits, look)}</g>`,
  );
}

/** Somebody's head before a phone or a tablet, 640 x 480. */
export function selfie(traits: Traits, look: Look = {}): string {
  return sheet(
    640,
    480,
    `<defs><linearGradient id="wall" x2="1" y2="1"><stop offset="0" stop-color="#dfe3e2"/><stop offset="1" stop-color="#b9c0c2"/></linearGradient></defs>
     <rect width="640" height="480" fill="url(#wall)"/><g transform="translate(320 225) scale(1.05)">${face(traits, look)}</g>`,
  );
}

export interface Seat {
  who: Traits;
  x: number;
  /** Where the eyes are. */
  y: number;
  scale: number;
  look?: Look;
}

/** A room with two rows of people in it, 1280 x 720. */
export function room(behind: readonly Seat[], before: readonly Seat[]): string {
  const row = (seats: readonly Seat[]) =>
    seats.map(({ who, x, y, scale, look }) => `<g transform="translate(${x} ${y}) scale(${scale})">${face(who, look)}</g>`).join("");
  const desk = (y: number, high: number) =>
    `<rect x="40" y="${y}" width="1200" height="${high}" fill="#8f6a42"/><rect x="28" y="${y - 12}" width="1224" height="16" rx="4" fill="#b98d5c"/>`;
  return sheet(1280, 720, `${ROOM}${row(behind)}${desk(432, 60)}${row(before)}${desk(668, 60)}`);
}

/** As a class may sit. */
export function classroom(people: readonly Traits[], moved = 0): string {
  const looks: Look[] = [{ turn: 0.12 }, { turn: -0.15, smile: 0.9 }, { smile: 0.5 }, { turn: -0.1, smile: 1 }, { turn: 0.16 }, { smile: 0.8 }, { turn: -0.12 }, { turn: 0.1, smile: 0.4 }];
  const seats = people.map((who, at): Seat => {
    const look = looks[at % looks.length];
    const scale = at < 4 ? 0.52 : 0.64;
    return { who, x: (at < 4 ? 230 : 190) + (at % 4) * (at < 4 ? 274 : 300) + moved * ((at % 3) - 1), y: (at < 4 ? 288 : 480) + (at % 2) * 8, scale, ...(look && { look }) };
  });
  return room(seats.slice(0, 4), seats.slice(4));
}

const ROOM = `
  <defs>
    <linearGradient id="wall" x2="0" y2="1"><stop offset="0" stop-color="#e9e4d8"/><stop offset="1" stop-color="#cfc7b6"/></linearGradient>
    <linearGradient id="board" x2="1" y2="1"><stop offset="0" stop-color="#3a5a4c"/><stop offset="1" stop-color="#2c473c"/></linearGradient>
    <linearGradient id="pane" x2="0" y2="1"><stop offset="0" stop-color="#bfe0f2"/><stop offset="1" stop-color="#eef6f4"/></linearGradient>
  </defs>
  <rect width="1280" height="720" fill="url(#wall)"/>
  <rect x="300" y="46" width="640" height="210" rx="4" fill="#8a6b47"/><rect x="312" y="58" width="616" height="186" fill="url(#board)"/>
  <g fill="none" stroke="#e8efe9" stroke-width="3" opacity="0.75" stroke-linecap="round">
    <path d="M350 200 L350 90 M340 190 L520 190 M350 185 C390 180,420 150,440 120 S490 96,515 94"/>
    <path d="M600 100 l90 0 M600 124 l130 0 M600 148 l70 0 M790 170 l50 -80 l50 80z"/>
  </g>
  <g><rect x="60" y="70" width="170" height="210" fill="#fff"/><rect x="70" y="80" width="70" height="190" fill="url(#pane)"/><rect x="150" y="80" width="70" height="190" fill="url(#pane)"/></g>
  <g><rect x="1040" y="70" width="170" height="210" fill="#fff"/><rect x="1050" y="80" width="70" height="190" fill="url(#pane)"/><rect x="1130" y="80" width="70" height="190" fill="url(#pane)"/></g>
  <rect y="560" width="1280" height="160" fill="#a9825a" opacity="0.5"/>`;
