import Box from "@mui/material/Box";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Result, Size } from "../../live/frames";
import type { Camera } from "../../live/useCamera";
import { Overlay } from "./Overlay";

interface Props {
  camera: Camera;
  isMirrored: boolean;
  drawn: { result: Result; size: Size } | null;
}

/** What the camera shows, with what was recognised drawn upon it. */
export function CameraView({ camera, isMirrored, drawn }: Props) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement | null>(null);
  const [width, setWidth] = useState(640);
  const [shape, setShape] = useState<Size>({ width: 16, height: 9 });
  useEffect(() => {
    if (!frame.current) return undefined;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  return (
    <Box
      ref={frame}
      dir="ltr"
      sx={{
        position: "relative",
        bgcolor: "#000",
        borderRadius: 1,
        overflow: "hidden",
        aspectRatio: `${shape.width} / ${shape.height}`,
        maxHeight: "70vh",
        mx: "auto",
        // As high as it may be, and not wider than that makes it: boxes are drawn over all of it.
        maxWidth: `calc(70vh * ${shape.width / shape.height})`,
      }}
    >
      <video
        ref={camera.attach}
        playsInline
        muted
        aria-label={t("live.picture")}
        onLoadedMetadata={(event) => setShape({ width: event.currentTarget.videoWidth, height: event.currentTarget.videoHeight })}
        style={{ width: "100%", height: "100%", display: "block", transform: isMirrored ? "scaleX(-1)" : "none" }}
      />
      {drawn && <Overlay result={drawn.result} size={drawn.size} width={width} isMirrored={isMirrored} />}
      {!camera.isOn && (
        <Stack sx={{ position: "absolute", inset: 0, alignItems: "center", justifyContent: "center", p: 2, textAlign: "center", color: "#e5e7eb" }}>
          <Typography>{camera.isStarting ? t("live.starting") : t("live.cameraOff")}</Typography>
        </Stack>
      )}
    </Box>
  );
}
