import useMediaQuery from "@mui/material/useMediaQuery";

import type { Turn } from "./guidance";

/** Drawn over the picture: where the face belongs, and a head that looks where the person is to look. Left stays left in
 * every language: it is a direction in the picture. */
export function PoseGuide({ turn, isDone }: { turn: Turn; isDone: boolean }) {
  const isStill = useMediaQuery("(prefers-reduced-motion: reduce)");
  // On a picture of any colour, in the dark as in the light.
  const colour = isDone ? "#6ee787" : "#ffffff";
  // The middle line of a face, and the point where its lines cross, move to the side to which it is turned.
  const nose = 50 + turn * 34;
  return (
    <svg viewBox="0 0 100 100" preserveAspectRatio="xMidYMid meet" aria-hidden="true" style={{ position: "absolute", inset: 0, width: "100%", height: "100%" }}>
      <g fill="none" stroke={colour} strokeLinecap="round" strokeLinejoin="round" style={{ filter: "drop-shadow(0 0 1px rgba(0,0,0,.8))" }}>
        <ellipse cx="50" cy="47" rx="25" ry="33" strokeWidth="1.2" strokeDasharray={isDone ? undefined : "3 2.4"} />
        <path d={`M50 14 Q${nose} 47 50 80`} strokeWidth="0.7" opacity="0.75" />
        <path d={`M25.5 41 Q${nose} 47 74.5 41`} strokeWidth="0.7" opacity="0.75" />
        {turn !== 0 && (
          <path d={turn < 0 ? "M20 47 H8 M13 41 L7 47 L13 53" : "M80 47 H92 M87 41 L93 47 L87 53"} strokeWidth="2.4">
            {!isStill && <animate attributeName="opacity" values="1;0.35;1" dur="1.2s" repeatCount="indefinite" />}
          </path>
        )}
      </g>
    </svg>
  );
}
