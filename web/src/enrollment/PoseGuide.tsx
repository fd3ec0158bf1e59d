import { useTheme } from "@mui/material/styles";
import useMediaQuery from "@mui/material/useMediaQuery";

import type { Turn } from "./guidance";

/** Drawn over the picture: where the face belongs, and a head that looks where the person is to look. Left stays left in
 * every language: it is a direction in the picture. */
export function PoseGuide({ turn, isDone }: { turn: Turn; isDone: boolean }) {
  const { palette } = useTheme();
  const isStill = useMediaQuery("(prefers-reduced-motion: reduce)");
  const colour = isDone ? palette.success.light : "#ffffff";
  // The middle line of a face moves to the side to which it is turned.
  const nose = 50 + turn * 15;
  return (
    <svg viewBox="0 0 100 100" preserveAspectRatio="xMidYMid meet" aria-hidden="true" style={{ position: "absolute", inset: 0, width: "100%", height: "100%" }}>
      <g fill="none" stroke={colour} strokeLinecap="round" strokeLinejoin="round" style={{ filter: "drop-shadow(0 0 1px rgba(0,0,0,.8))" }}>
        <ellipse cx="50" cy="47" rx="25" ry="33" strokeWidth="1.2" strokeDasharray={isDone ? undefined : "3 2.4"} />
        {turn === 0 ? (
          <path d="M50 43 v6 M47.5 52 q2.5 1.6 5 0" strokeWidth="0.9" opacity="0.85" />
        ) : (
          <>
            <path d={`M50 16 Q${nose} 47 50 78`} strokeWidth="0.9" opacity="0.85" />
            <path
              d={turn < 0 ? "M20 47 H8 M13 41 L7 47 L13 53" : "M80 47 H92 M87 41 L93 47 L87 53"}
              strokeWidth="2.4"
            >
              {!isStill && <animate attributeName="opacity" values="1;0.35;1" dur="1.2s" repeatCount="indefinite" />}
            </path>
          </>
        )}
      </g>
    </svg>
  );
}
