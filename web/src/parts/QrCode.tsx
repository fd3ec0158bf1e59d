import Box from "@mui/material/Box";
import { useMemo } from "react";
import { encode } from "uqr";

/** How many modules must stay light around the code (ISO/IEC 18004, 9.1). */
const QUIET = 4;

/** A text as a QR code; always dark on light, since some phones read nothing else. */
export function QrCode({ text, label, size = "100%" }: { text: string; label: string; size?: number | string }) {
  const { data, size: side } = useMemo(() => encode(text, { ecc: "M", border: QUIET }), [text]);
  return (
    <Box
      component="svg"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${side} ${side}`}
      shapeRendering="crispEdges"
      sx={{ width: size, height: "auto", maxWidth: "100%", display: "block", borderRadius: 1 }}
    >
      <rect width={side} height={side} fill="#ffffff" />
      <path d={outline(data)} fill="#000000" />
    </Box>
  );
}

/** One square for each dark module. */
function outline(rows: boolean[][]): string {
  return rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
}
