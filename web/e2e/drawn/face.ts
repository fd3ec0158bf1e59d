// A face as SVG: no photograph, only curves and shadows. The eyes lie at y = 0, 70 apart or about; the chin at about 124.

import { backHair, frontHair } from "./hair";
import { beard, brow, eye, glasses, mouth, nose } from "./features";
import { type Traits, mixed } from "./traits";

/** How somebody looks in one drawing. */
export interface Look {
  /** To the viewer's left (-1) or right (1); 1 is about 40 degrees. */
  turn?: number;
  /** Where the light comes from, likewise. */
  light?: number;
  /** From 0, earnest, to 1. */
  smile?: number;
  /** Up (-1) or down (1). */
  nod?: number;
}

/** What the parts of a face are drawn with: where a point lies when the head is turned, and the colours of the skin. */
export interface Brush {
  traits: Traits;
  smile: number;
  turn: number;
  /** A point, `deep` towards the viewer. */
  at: (x: number, y: number, deep?: number) => string;
  x: (x: number, deep?: number) => number;
  y: (y: number, deep?: number) => number;
  dark: (share: number) => string;
  bright: (share: number) => string;
  /** For names of gradients, which must not be those of another face in the picture. */
  id: (name: string) => string;
}

let drawings = 0;

export function face(traits: Traits, look: Look = {}): string {
  const { turn = 0, light = -0.35, smile = 0.7, nod = 0 } = look;
  const angle = turn * 0.7;
  const tip = nod * 0.4;
  drawings += 1;
  const own = `f${drawings}`;
  const x = (value: number, deep = 0) => value * Math.cos(angle) + deep * Math.sin(angle);
  const y = (value: number, deep = 0) => (value - 20) * Math.cos(tip) + deep * Math.sin(tip) + 20;
  const shadow = mixed(traits.skin, "#3a1408", 0.55);
  const brush: Brush = {
    traits,
    smile,
    turn,
    x,
    y,
    at: (px, py, deep = 0) => `${x(px, deep).toFixed(2)} ${y(py, deep).toFixed(2)}`,
    dark: (share) => mixed(traits.skin, shadow, share),
    bright: (share) => mixed(traits.skin, "#fff1e0", share),
    id: (name) => `${own}${name}`,
  };
  const { id } = brush;
  return `<g>
    <defs>
      <radialGradient id="${id("skin")}" gradientUnits="userSpaceOnUse" cx="${x(0, 40) + light * 26}" cy="-8" r="150">
        <stop offset="0" stop-color="${brush.bright(0.3)}"/><stop offset="0.42" stop-color="${traits.skin}"/>
        <stop offset="0.72" stop-color="${brush.dark(0.38)}"/><stop offset="1" stop-color="${brush.dark(0.9)}"/>
      </radialGradient>
      <linearGradient id="${id("side")}" x1="${light < 0 ? 0 : 1}" x2="${light < 0 ? 1 : 0}">
        <stop offset="0.45" stop-color="${shadow}" stop-opacity="0"/><stop offset="1" stop-color="${shadow}" stop-opacity="${(0.25 + 0.5 * Math.abs(light)).toFixed(2)}"/>
      </linearGradient>
      <filter id="${id("soft")}" x="-60%" y="-60%" width="220%" height="220%"><feGaussianBlur stdDeviation="5"/></filter>
      <filter id="${id("fine")}" x="-60%" y="-60%" width="220%" height="220%"><feGaussianBlur stdDeviation="1.6"/></filter>
      <filter id="${id("crisp")}" x="-30%" y="-30%" width="160%" height="160%"><feGaussianBlur stdDeviation="0.5"/></filter>
      <clipPath id="${id("head")}"><path d="${outline(brush)}"/></clipPath>
    </defs>
    ${backHair(brush)}
    <g transform="translate(0 -22)">${body(brush)}</g>
    ${ears(brush)}
    <path d="${outline(brush)}" fill="url(#${id("skin")})"/>
    <g clip-path="url(#${id("head")})">
      ${shading(brush)}
      ${beard(brush)}
      <path d="${outline(brush)}" fill="url(#${id("side")})"/>
    </g>
    ${nose(brush)}
    ${mouth(brush)}
    ${eye(brush, -1)}${eye(brush, 1)}
    ${brow(brush, -1)}${brow(brush, 1)}
    ${frontHair(brush)}
    ${glasses(brush)}
  </g>`;
}

/** Around the face. */
function outline({ traits: { width: w, jaw, chin }, x, y }: Brush): string {
  const right: [number, number, number][] = [
    [0.42 * w, -98, -6],
    [0.82 * w, -72, -10],
    [0.98 * w, -30, -10],
    [w, 10, -8],
    [0.97 * w, 48, -4],
    [jaw * w, chin * 0.7, 6],
    [jaw * w * 0.72, chin * 0.9, 14],
    [jaw * w * 0.36, chin * 0.985, 24],
  ];
  const left = right.map(([px, py, deep]): [number, number, number] => [-px, py, deep]).reverse();
  const around = [[0, -105, 0] as const, ...right, [0, chin, 27] as const, ...left];
  return smooth(around.map(([px, py, deep]) => [x(px, deep), y(py, deep)]));
}

/** A closed curve through all of the points. */
function smooth(points: [number, number][]): string {
  const point = (n: number) => points[(n + points.length) % points.length] ?? [0, 0];
  const beside = (n: number, towards: number) => {
    const [[px, py], [bx, by], [ax, ay]] = [point(n), point(n - 1), point(n + 1)];
    return `${(px + ((ax - bx) / 6) * towards).toFixed(2)} ${(py + ((ay - by) / 6) * towards).toFixed(2)}`;
  };
  const curves = points.map((_, n) => `C${beside(n, 1)},${beside(n + 1, -1)},${point(n + 1).map((value) => value.toFixed(2)).join(" ")}`);
  return `M${point(0).join(" ")}${curves.join("")}Z`;
}

function body({ traits, dark, id }: Brush): string {
  const { cloth, chin, width } = traits;
  const neck = width * 0.62;
  return `
    <path d="M-190 330 C-185 235,-150 205,-70 186 L70 186 C150 205,185 235,190 330Z" fill="${cloth}"/>
    <path d="M-190 330 C-185 235,-150 205,-70 186 L-40 190 C-90 240,-110 290,-112 330Z" fill="#000" opacity="0.16" filter="url(#${id("soft")})"/>
    <path d="M${-neck} 60 L${-neck} 168 C${-neck - 8} 186,-70 190,-76 194 C-30 232,30 232,76 194 C70 190,${neck + 8} 186,${neck} 168 L${neck} 60Z" fill="${dark(0.28)}"/>
    <path d="M${-neck} 90 L${-neck} 140 C-20 ${chin + 44},20 ${chin + 44},${neck} 140 L${neck} 90Z" fill="${dark(0.95)}" opacity="0.6" filter="url(#${id("soft")})"/>
    <path d="M-80 190 C-30 240,30 240,80 190 L88 196 C36 258,-36 258,-88 196Z" fill="${mixed(cloth, "#000000", 0.3)}"/>`;
}

function ears({ traits: { width, hair }, x, y, dark, turn, id }: Brush): string {
  if (hair === "scarf" || hair === "long" || hair === "bob") return "";
  return [-1, 1]
    .filter((side) => side * turn < 0.5)
    .map(
      (side) => `<g><ellipse cx="${x(side * (width + 3), -34)}" cy="${y(14)}" rx="11" ry="23" fill="${dark(0.3)}"/>
        <ellipse cx="${x(side * (width + 4), -34)}" cy="${y(14)}" rx="5" ry="14" fill="${dark(0.8)}" opacity="0.6" filter="url(#${id("fine")})"/></g>`,
    )
    .join("");
}

/** The hollows of the eyes, cheeks, forehead and chin. */
function shading({ traits: { eyeApart, mouthDown, chin, width, age, lips }, x, y, at, dark, bright, smile, id }: Brush): string {
  const soft = `filter="url(#${id("soft")})"`;
  const both = (draw: (side: number) => string) => draw(-1) + draw(1);
  const fold = 0.08 + 0.4 * age + 0.16 * smile;
  return `
    <ellipse cx="${x(0, 50)}" cy="${y(-52)}" rx="${width * 0.5}" ry="22" fill="${bright(0.7)}" opacity="0.5" ${soft}/>
    ${both((s) => `<ellipse cx="${x(s * eyeApart, 24)}" cy="${y(-5)}" rx="23" ry="14" fill="${dark(0.9)}" opacity="0.34" ${soft}/>`)}
    ${both((s) => `<ellipse cx="${x(s * 15, 34)}" cy="${y(-4)}" rx="6" ry="13" fill="${dark(1)}" opacity="0.45" ${soft}/>`)}
    ${both((s) => `<ellipse cx="${x(s * (eyeApart + 8), 24)}" cy="${y(34)}" rx="18" ry="12" fill="${bright(0.6)}" opacity="0.5" ${soft}/>`)}
    ${both((s) => `<ellipse cx="${x(s * (eyeApart + 9), 20)}" cy="${y(44)}" rx="19" ry="13" fill="${lips}" opacity="${0.1 + 0.12 * smile}" ${soft}/>`)}
    ${both((s) => `<ellipse cx="${x(s * width * 0.82, 0)}" cy="${y(66)}" rx="20" ry="40" fill="${dark(0.9)}" opacity="0.4" ${soft}/>`)}
    ${both((s) => `<path d="M${at(s * 21, 42, 34)} Q${at(s * (31 + 4 * smile), 54, 28)} ${at(s * (32 + 5 * smile), mouthDown - 4, 26)}" fill="none" stroke="${dark(1)}" stroke-width="4" opacity="${fold.toFixed(2)}" filter="url(#${id("fine")})"/>`)}
    ${both((s) => `<path d="M${at(s * (eyeApart - 14), 13, 24)} Q${at(s * eyeApart, 20, 24)} ${at(s * (eyeApart + 14), 13, 20)}" fill="none" stroke="${dark(1)}" stroke-width="3" opacity="${(0.15 + 0.35 * age).toFixed(2)}" filter="url(#${id("fine")})"/>`)}
    <ellipse cx="${x(0, 36)}" cy="${y(mouthDown + 19)}" rx="19" ry="5" fill="${dark(1)}" opacity="0.55" ${soft}/>
    <ellipse cx="${x(0, 38)}" cy="${y(chin - 15)}" rx="16" ry="9" fill="${bright(0.7)}" opacity="0.5" ${soft}/>`;
}
