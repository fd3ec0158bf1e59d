// Eyes, brows, nose, mouth, beard and glasses of a drawn face.

import type { Brush } from "./face";
import { mixed, numbers } from "./traits";

export function eye({ traits, x, y, at, dark, smile, turn, id }: Brush, side: number): string {
  const { eyeApart, eyeWide: w, eyeTilt, iris, hairColour } = traits;
  const h = traits.eyeHigh * (1 - 0.22 * smile);
  const deep = 22;
  const inner = side * (eyeApart - w);
  const outer = side * (eyeApart + w);
  const [cx, cy] = [x(side * eyeApart, deep + 4) + turn * 2.5, y(0.4, deep)];
  const upper = `C${at(side * (eyeApart - w * 0.5), -h * 1.25, deep + 4)},${at(side * (eyeApart + w * 0.45), -h * 1.35 - eyeTilt * 0.4, deep + 2)},${at(outer, -eyeTilt, deep - 6)}`;
  const lower = `C${at(side * (eyeApart + w * 0.5), h * 0.95 - eyeTilt * 0.4, deep)},${at(side * (eyeApart - w * 0.4), h * 0.95, deep + 2)},${at(inner, 1.5, deep)}`;
  const lash = mixed(hairColour, "#120c0a", 0.7);
  const clip = id(side < 0 ? "el" : "er");
  const r = Math.max(7, h * 1.12);
  return `
    <clipPath id="${clip}"><path d="M${at(inner, 1.5, deep)} ${upper} ${lower}Z"/></clipPath>
    <g clip-path="url(#${clip})">
      <rect x="${cx - 40}" y="${cy - 30}" width="80" height="60" fill="#eee6e0"/>
      <circle cx="${cx}" cy="${cy}" r="${r}" fill="${mixed(iris, "#000000", 0.4)}"/>
      <circle cx="${cx}" cy="${cy + 0.8}" r="${r * 0.82}" fill="${iris}"/>
      <circle cx="${cx}" cy="${cy}" r="${r * 0.45}" fill="#0a0706"/>
      <path d="M${at(inner, 1.5, deep)} ${upper}" fill="none" stroke="#1a0f0a" stroke-width="7" opacity="0.4" filter="url(#${id("fine")})"/>
    </g>
    <circle cx="${cx - 2.4}" cy="${cy - 2.6}" r="1.7" fill="#fff" opacity="0.95"/>
    <path d="M${at(inner, 1.5, deep)} ${upper}" fill="none" stroke="${lash}" stroke-width="${side && traits.beard === "none" && traits.browThick < 5 ? 3 : 2.2}" stroke-linecap="round" filter="url(#${id("crisp")})"/>
    <path d="M${at(outer, -eyeTilt, deep - 6)} ${lower}" fill="none" stroke="${dark(1)}" stroke-width="1.3" opacity="0.75"/>
    <path d="M${at(inner + side * 2, -h * 0.8, deep)} C${at(side * (eyeApart - w * 0.4), -h * 1.95, deep + 4)},${at(side * (eyeApart + w * 0.4), -h * 2 - eyeTilt * 0.4, deep + 2)},${at(outer, -h * 0.9 - eyeTilt, deep - 6)}" fill="none" stroke="${dark(1)}" stroke-width="1.6" opacity="0.65" filter="url(#${id("crisp")})"/>`;
}

export function brow({ traits, at, id }: Brush, side: number): string {
  const { eyeApart, eyeWide, browAbove: up, browThick: t, browTilt, hairColour, seed } = traits;
  const colour = mixed(hairColour, "#1a120e", 0.4);
  const next = numbers(seed * 7 + side + 2);
  const from = eyeApart - eyeWide - 3;
  const to = eyeApart + eyeWide + 7;
  const bow = (share: number) => -up - browTilt * share - 5 * Math.sin(Math.PI * Math.min(1, share * 1.15)) + 4 * share * share;
  const hairs = Array.from({ length: 46 }, () => {
    const share = next();
    const px = side * (from + (to - from) * share);
    const thick = t * (1 - share * 0.65);
    const py = bow(share) + (next() - 0.5) * thick;
    return `M${at(px, py, 26 - 14 * share)} l${(side * (3 + 3 * next())).toFixed(1)} ${(-2.6 + 4.4 * share).toFixed(1)}`;
  }).join("");
  const points = [0, 0.25, 0.5, 0.75, 1].map((share) => at(side * (from + (to - from) * share), bow(share), 26 - 14 * share));
  return `
    <path d="M${points.join("L")}" fill="none" stroke="${colour}" stroke-width="${t}" stroke-linejoin="round" stroke-linecap="round" opacity="0.62" filter="url(#${id("fine")})"/>
    <path d="${hairs}" stroke="${colour}" stroke-width="1.1" stroke-linecap="round" opacity="0.85"/>`;
}

export function nose({ traits: { noseLong: n, noseWide: w }, x, y, at, dark, bright, id }: Brush): string {
  const soft = `filter="url(#${id("soft")})"`;
  const fine = `filter="url(#${id("fine")})"`;
  const both = (draw: (side: number) => string) => draw(-1) + draw(1);
  return `
    <path d="M${at(9, -10, 36)} C${at(8, 8, 42)},${at(11, n * 0.6, 50)},${at(w * 0.9, n * 0.95, 44)} L${at(4, n * 0.9, 60)}Z" fill="${dark(1)}" opacity="0.42" ${soft}/>
    <path d="M${at(-9, -8, 36)} C${at(-8, 10, 42)},${at(-10, n * 0.6, 50)},${at(-w * 0.9, n * 0.92, 44)} L${at(-6, n * 0.8, 56)}Z" fill="${dark(1)}" opacity="0.2" ${soft}/>
    <ellipse cx="${x(-1, 52)}" cy="${y(n / 2 - 10)}" rx="4" ry="${n / 2}" fill="${bright(0.95)}" opacity="0.5" filter="url(#${id("fine")})"/>
    <ellipse cx="${x(-1, 66)}" cy="${y(n - 5, 30)}" rx="${w * 0.42}" ry="6" fill="${bright(0.95)}" opacity="0.65" filter="url(#${id("fine")})"/>
    ${both((s) => `<path d="M${at(s * w * 0.72, n - 9, 48)} Q${at(s * (w + 3), n - 6, 40)} ${at(s * w * 0.98, n + 3, 40)} Q${at(s * w * 0.8, n + 7, 44)} ${at(s * w * 0.5, n + 4, 52)}" fill="none" stroke="${dark(1)}" stroke-width="2.2" opacity="0.8" ${fine}/>`)}
    <path d="M${at(-w * 0.85, n + 5, 44)} Q${at(0, n + 13, 60)} ${at(w * 0.85, n + 5, 44)} Q${at(0, n + 19, 50)} ${at(-w * 0.85, n + 5, 44)}" fill="${dark(1)}" opacity="0.55" ${fine}/>
    ${both((s) => `<ellipse cx="${x(s * w * 0.48, 54)}" cy="${y(n + 4.2, 20)}" rx="${w * 0.22}" ry="2.6" fill="#2a100a" opacity="0.85" filter="url(#${id("crisp")})"/>`)}`;
}

export function mouth({ traits, x, y, at, dark, bright, smile, id }: Brush): string {
  const { lips, mouthDown: m, upperLip: u, lowerLip: l } = traits;
  const w = traits.mouthWide * (1 + 0.16 * smile);
  const corner = m - 9 * smile;
  const open = Math.max(0, smile - 0.35) * 15;
  const deep = 30;
  const line = (lift: number) => `C${at(-w * 0.5, m + 2 + lift, deep + 10)},${at(w * 0.5, m + 2 + lift, deep + 10)},${at(w, corner, deep - 6)}`;
  const back = (lift: number) => `C${at(w * 0.5, m + 1 + lift, deep + 10)},${at(-w * 0.5, m + 1 + lift, deep + 10)},${at(-w, corner, deep - 6)}`;
  return `
    <path d="M${at(-w, corner, deep - 6)} C${at(-w * 0.55, m - u * 0.8, deep + 6)},${at(-w * 0.25, m - u * 1.25, deep + 12)},${at(0, m - u * 0.8, deep + 13)} C${at(w * 0.25, m - u * 1.25, deep + 12)},${at(w * 0.55, m - u * 0.8, deep + 6)},${at(w, corner, deep - 6)} ${back(0)}Z" fill="${mixed(lips, "#3a0f10", 0.25)}" filter="url(#${id("crisp")})"/>
    <path d="M${at(-w, corner, deep - 6)} ${line(open * 1.2)} C${at(w * 0.6, m + l * 1.35 + open, deep + 8)},${at(-w * 0.6, m + l * 1.35 + open, deep + 8)},${at(-w, corner, deep - 6)}Z" fill="${lips}" filter="url(#${id("crisp")})"/>
    ${open > 0.4 ? `<path d="M${at(-w * 0.92, corner + 0.6, deep - 5)} ${line(-0.5)} ${back(open * 1.25)}Z" fill="#4a1512"/><path d="M${at(-w * 0.82, corner + 1.2, deep - 4)} C${at(-w * 0.5, m + 0.5, deep + 10)},${at(w * 0.5, m + 0.5, deep + 10)},${at(w * 0.82, corner + 1.2, deep - 4)} C${at(w * 0.5, m + open * 0.85, deep + 10)},${at(-w * 0.5, m + open * 0.85, deep + 10)},${at(-w * 0.82, corner + 1.2, deep - 4)}Z" fill="#f2ebe2"/>` : ""}
    <path d="M${at(-w, corner, deep - 6)} ${line(0)}" fill="none" stroke="#40120e" stroke-width="1.9" opacity="0.8" stroke-linecap="round" filter="url(#${id("crisp")})"/>
    <ellipse cx="${x(-2, deep + 12)}" cy="${y(m + l * 0.62 + open)}" rx="${w * 0.36}" ry="${l * 0.2}" fill="${bright(0.8)}" opacity="0.4" filter="url(#${id("fine")})"/>
    ${[-1, 1].map((s) => `<ellipse cx="${x(s * (w + 2), deep - 8)}" cy="${y(corner)}" rx="3.4" ry="3" fill="${dark(1)}" opacity="0.55" filter="url(#${id("fine")})"/>`).join("")}`;
}

export function beard({ traits, at, id }: Brush): string {
  const { beard: kind, hairColour, width: w, chin, mouthDown: m, mouthWide } = traits;
  if (kind === "none") return "";
  const colour = mixed(hairColour, "#1a120e", 0.3);
  const lip = `<path d="M${at(-mouthWide - 3, m - 1, 28)} Q${at(-14, m - 15, 40)} ${at(0, m - 12, 42)} Q${at(14, m - 15, 40)} ${at(mouthWide + 3, m - 1, 28)} Q${at(0, m - 7, 40)} ${at(-mouthWide - 3, m - 1, 28)}Z" fill="${colour}" opacity="${kind === "stubble" ? 0.3 : 0.85}" filter="url(#${id("fine")})"/>`;
  if (kind === "moustache") return lip;
  const around = `M${at(-w * 1.1, 20, -10)} L${at(-w * 0.86, 30, 0)} C${at(-w * 0.75, m - 16, 14)},${at(-mouthWide - 8, m - 8, 24)},${at(-mouthWide - 4, m + 2, 26)} C${at(-mouthWide * 0.7, m + 22, 34)},${at(mouthWide * 0.7, m + 22, 34)},${at(mouthWide + 4, m + 2, 26)} C${at(mouthWide + 8, m - 8, 24)},${at(w * 0.75, m - 16, 14)},${at(w * 0.86, 30, 0)} L${at(w * 1.1, 20, -10)} L${at(w, chin + 20, 0)} L${at(-w, chin + 20, 0)}Z`;
  return `<path d="${around}" fill="${colour}" opacity="${kind === "stubble" ? 0.26 : 0.82}" filter="url(#${id("soft")})"/>${lip}`;
}

export function glasses({ traits: { glasses: kind, eyeApart, width }, x, y, at }: Brush): string {
  if (kind === "none") return "";
  const frame = `fill="#dfeaf2" fill-opacity="0.07" stroke="#22201f" stroke-width="${kind === "round" ? 2.2 : 3.4}"`;
  const lens = (side: number) => {
    const [cx, cy] = [x(side * eyeApart, 34), y(2, 20)];
    return kind === "round" ? `<ellipse cx="${cx}" cy="${cy}" rx="23" ry="21" ${frame}/>` : `<rect x="${cx - 25}" y="${cy - 17}" width="50" height="35" rx="8" ${frame}/>`;
  };
  return `${lens(-1)}${lens(1)}
    <path d="M${at(-eyeApart + 23, -1, 36)} Q${at(0, -7, 46)} ${at(eyeApart - 23, -1, 36)} M${at(-eyeApart - 24, -3, 30)} L${at(-width - 2, -6, -24)} M${at(eyeApart + 24, -3, 30)} L${at(width + 2, -6, -24)}" fill="none" stroke="#22201f" stroke-width="2.6"/>`;
}
