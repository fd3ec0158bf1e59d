import Box from "@mui/material/Box";
import { useEffect, useRef } from "react";

const SIDE = 96;

/** A face that was cut out of a picture of this device; nothing where another camera saw it. */
export function FaceThumb({ picture, size = 56 }: { picture: HTMLCanvasElement | undefined; size?: number }) {
  const canvas = useRef<HTMLCanvasElement | null>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context && picture) context.drawImage(picture, 0, 0, SIDE, SIDE);
  }, [picture]);
  return (
    <Box sx={{ width: size, height: size, flexShrink: 0, borderRadius: 1, overflow: "hidden", bgcolor: "action.hover" }}>
      {picture && <canvas ref={canvas} width={SIDE} height={SIDE} aria-hidden style={{ width: "100%", height: "100%" }} />}
    </Box>
  );
}
