// Hair of a drawn face: what is behind the head, and what falls before it.

import type { Brush } from "./face";
import { mixed, numbers } from "./traits";

export function backHair({ traits, at, x }: Brush): string {
  const { hair, hairColour, width: w } = traits;
  const dark = mixed(hairColour, "#000000", 0.3);
  switch (hair) {
    case "long":
      return `<path d="M${at(-w - 14, -40, -20)} C${at(-w - 20, -160, -20)},${at(w + 20, -160, -20)},${at(w + 14, -40, -20)} C${at(w + 26, 60, -30)},${at(w + 22, 160, -30)},${at(w + 34, 232, -30)} L${at(-w - 34, 232, -30)} C${at(-w - 22, 160, -30)},${at(-w - 26, 60, -30)},${at(-w - 14, -40, -20)}Z" fill="${dark}"/>`;
    case "bob":
      return `<path d="M${at(-w - 14, -40, -20)} C${at(-w - 20, -160, -20)},${at(w + 20, -160, -20)},${at(w + 14, -40, -20)} C${at(w + 26, 40, -30)},${at(w + 22, 90, -30)},${at(w + 18, 112, -30)} L${at(-w - 18, 112, -30)} C${at(-w - 22, 90, -30)},${at(-w - 26, 40, -30)},${at(-w - 14, -40, -20)}Z" fill="${dark}"/>`;
    case "bun":
      return `<circle cx="${x(0, -50)}" cy="-136" r="34" fill="${dark}"/>`;
    case "curly":
      return curls(traits.seed, w, dark, 34, x);
    default:
      return "";
  }
}

function curls(seed: number, w: number, colour: string, count: number, x: Brush["x"]): string {
  const next = numbers(seed + 99);
  return Array.from({ length: count }, (_, n) => {
    const angle = Math.PI * (1.08 - (1.16 * n) / (count - 1) + 0) + 0.05 * next();
    const reach = 0.96 + 0.14 * next();
    return `<circle cx="${(x(Math.cos(angle) * (w + 14) * reach, -20)).toFixed(1)}" cy="${(-30 - Math.sin(angle) * 92 * reach).toFixed(1)}" r="${(15 + 9 * next()).toFixed(1)}" fill="${mixed(colour, "#ffffff", 0.05 * next())}"/>`;
  }).join("");
}

export function frontHair(brush: Brush): string {
  const { traits, at, x, id } = brush;
  const { hair, hairColour, hairline: line, width: w, seed } = traits;
  const fine = `filter="url(#${id("fine")})"`;
  const lit = mixed(hairColour, "#ffffff", 0.22);
  if (hair === "bald") {
    return `<ellipse cx="${x(-14, 20)}" cy="-84" rx="26" ry="10" fill="#fff" opacity="0.28" filter="url(#${id("soft")})"/>`;
  }
  if (hair === "scarf") return scarf(brush);
  const top = hair === "curly" ? -124 : hair === "short" ? -130 : -132;
  const part = (seed % 3) - 1;
  // Short hair stands: it is broad above, and rises on one side.
  const [wide, rise] = hair === "short" ? [1.12, part * 9] : [0.8, 0];
  const ear = hair === "short" ? -4 : 8;
  const cap = `M${at(-w - 4, ear, -14)} C${at(-w - 18, -66, -14)},${at(-w * wide, top - 6 - rise, -10)},${at(0, top, 0)} C${at(w * wide, top - 6 + rise, -10)},${at(w + 18, -66, -14)},${at(w + 4, ear, -14)} C${at(w - 2, -20, -4)},${at(w * 0.92, line + 22, 10)},${at(w * 0.55, line + 4, 22)} C${at(w * 0.3 + part * 20, line - 8, 30)},${at(-w * 0.3 + part * 20, line - 8, 30)},${at(-w * 0.55, line + 6, 22)} C${at(-w * 0.92, line + 22, 10)},${at(-w + 2, -20, -4)},${at(-w - 4, ear, -14)}Z`;
  const next = numbers(seed + 5);
  const strands = Array.from({ length: 26 }, () => {
    const s = next() * 2 - 1;
    return `M${at(part * 16 + s * 10, top + 6, 6)} Q${at(s * w * 0.9, top + 16, 4)} ${at(s * (w + 3), line + 10 + 40 * Math.abs(s) * next(), 0)}`;
  }).join("");
  const sides =
    hair === "long" || hair === "bob"
      ? [-1, 1]
          .map((s) => `<path d="M${at(s * (w * 0.62), line, 20)} C${at(s * (w + 4), -30, 0)},${at(s * (w + 2), 30, -6)},${at(s * (w - 2), hair === "bob" ? 104 : 170, -10)} L${at(s * (w + 26), hair === "bob" ? 108 : 190, -24)} C${at(s * (w + 24), 30, -24)},${at(s * (w + 20), -60, -20)},${at(s * w * 0.5, top + 14, 0)}Z" fill="${hairColour}"/>`)
          .join("")
      : "";
  const curl = hair === "curly" ? curls(seed + 3, w * 0.86, hairColour, 22, x) : "";
  return `
    <path d="${cap}" fill="#1a0c06" opacity="0.4" transform="translate(0 6)" ${fine}/>
    <path d="${cap}" fill="${hairColour}"/>${curl}${sides}
    <clipPath id="${id("hair")}"><path d="${cap}"/></clipPath>
    <path d="${strands}" clip-path="url(#${id("hair")})" fill="none" stroke="${lit}" stroke-width="1.3" opacity="0.35"/>`;
}

function scarf({ traits: { cloth, width: w, chin }, at, id }: Brush): string {
  const colour = mixed(cloth, "#ffffff", 0.15);
  const dark = mixed(colour, "#000000", 0.35);
  const hole = `M${at(0, -72, 20)} C${at(w * 0.75, -72, 10)},${at(w * 0.97, -30, 0)},${at(w * 0.97, 20, -4)} C${at(w * 0.97, 80, 0)},${at(w * 0.55, chin - 4, 14)},${at(0, chin - 2, 20)} C${at(-w * 0.55, chin - 4, 14)},${at(-w * 0.97, 80, 0)},${at(-w * 0.97, 20, -4)} C${at(-w * 0.97, -30, 0)},${at(-w * 0.75, -72, 10)},${at(0, -72, 20)}Z`;
  return `
    <path fill-rule="evenodd" d="M${at(0, -140, 0)} C${at(w + 30, -140, -10)},${at(w + 34, -20, -14)},${at(w + 26, 60, -14)} C${at(w + 40, 160, -14)},150 220,140 330 L-140 330 C-150 220,${at(-w - 40, 160, -14)},${at(-w - 26, 60, -14)} C${at(-w - 34, -20, -14)},${at(-w - 30, -140, -10)},${at(0, -140, 0)}Z ${hole}" fill="${colour}"/>
    <path d="${hole}" fill="none" stroke="${dark}" stroke-width="7" opacity="0.5" filter="url(#${id("fine")})"/>
    <path d="M${at(-w * 0.6, chin - 8, 8)} C-30 ${chin + 50},60 ${chin + 70},120 ${chin + 120} M${at(w * 0.8, 70, 0)} C40 ${chin + 30},-50 ${chin + 60},-120 ${chin + 150}" fill="none" stroke="${dark}" stroke-width="5" opacity="0.5" filter="url(#${id("fine")})"/>`;
}
