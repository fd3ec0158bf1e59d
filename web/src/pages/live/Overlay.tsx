import { useTranslation } from "react-i18next";

import { type Result, type Size, shown } from "../../live/frames";
import { COLOURS, UNSURE } from "./look";
import { inside } from "./words";

interface Props {
  result: Result;
  /** Of the picture that was sent: boxes are in its pixels. */
  size: Size;
  /** How wide it is on the screen, so that words stay legible. */
  width: number;
  isMirrored: boolean;
}

/** Boxes and names over the picture, or over the video that shows the same. */
export function Overlay({ result, size, width, isMirrored }: Props) {
  const { t } = useTranslation();
  // Of the screen; words are smaller on a phone, where faces are.
  const pixel = (size.width / Math.max(width, 1)) * (width < 480 ? 0.75 : 1);
  const names = new Map(result.people.map((person) => [person.person_id, person.name]));
  return (
    <svg
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="img"
      aria-label={t("live.facesFound", { count: result.sightings.length })}
      style={{ position: "absolute", inset: 0, width: "100%", height: "100%" }}
    >
      {result.sightings.map((sighting) => {
        const box = shown(sighting.box, size, isMirrored);
        const colour = COLOURS[sighting.outcome];
        const name = sighting.person_id ? names.get(sighting.person_id) : undefined;
        const outcome = t(`live.outcomes.${sighting.outcome}`);
        // Where there is little room, names would lie over each other.
        const short = width < 480 && result.sightings.length > 3 ? name?.split(" ")[0] : name;
        const text = short ?? outcome;
        const isSmall = sighting.outcome === "already" || !name;
        // Below the box where there is no room above it.
        const above = box.y > 34 * pixel;
        const line = (rows: number) => (above ? box.y - (6 + 16 * rows) * pixel : box.y + box.height + (16 + 16 * rows) * pixel);
        return (
          <g key={sighting.face_index} data-outcome={sighting.outcome}>
            <rect
              x={box.x}
              y={box.y}
              width={box.width}
              height={box.height}
              rx={6 * pixel}
              fill="none"
              stroke={colour}
              strokeWidth={(sighting.outcome === "already" ? 2 : 3) * pixel}
              {...(UNSURE.includes(sighting.outcome) && { strokeDasharray: `${8 * pixel} ${5 * pixel}` })}
            />
            <Words x={inside(box.x + box.width / 2, text, pixel, size.width)} y={line(above && !isSmall ? 1 : 0)} pixel={pixel} colour={colour}>
              {text}
            </Words>
            {!isSmall && (
              <Words x={inside(box.x + box.width / 2, outcome, pixel * 0.85, size.width)} y={line(above ? 0 : 1)} pixel={pixel * 0.85} colour={colour}>
                {outcome}
              </Words>
            )}
          </g>
        );
      })}
    </svg>
  );
}

function Words({ x, y, pixel, colour, children }: { x: number; y: number; pixel: number; colour: string; children: string }) {
  return (
    <text x={x} y={y} textAnchor="middle" fontSize={15 * pixel} fontWeight={650} fill={colour} stroke="#000000" strokeWidth={3.5 * pixel} paintOrder="stroke" strokeLinejoin="round">
      {children}
    </text>
  );
}
