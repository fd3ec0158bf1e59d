import Box from "@mui/material/Box";
import { useMemo } from "react";

import { encode, path } from "../qr/encode";

/** How many modules must stay light around the code. */
const QUIET = 4;

/** A text as a QR code; always dark on light, since some phones read nothing else. */
export function QrCode({ text, label, size = "100%" }: { text: string; label: string; size?: number | string }) {
  const rows = useMemo(() => encode(text), [text]);
  if (!rows) return <code dir="ltr">{text}</code>;
  const side = rows.length + 2 * QUIET;
  return (
    <Box
      component="svg"
      role="img"
      aria-label={label}
      viewBox={`${-QUIET} ${-QUIET} ${side} ${side}`}
      shapeRendering="crispEdges"
      sx={{ width: size, height: "auto", maxWidth: "100%", display: "block", borderRadius: 1 }}
    >
      <rect x={-QUIET} y={-QUIET} width={side} height={side} fill="#ffffff" />
      <path d={path(rows)} fill="#000000" />
    </Box>
  );
}
