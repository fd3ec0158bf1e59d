import Box from "@mui/material/Box";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Problem } from "../../api/problem";
import { type Face, addFaces } from "../../live/feed";
import { type Judged, type Result, type Size, portrait } from "../../live/frames";
import { type Picture, cut } from "../../live/pictures";
import { noteDrawn } from "../../live/timing";
import { useCamera } from "../../live/useCamera";
import { useFrames } from "../../live/useFrames";
import { reread } from "../../live/useStandings";
import { Empty } from "../../parts/states";
import { useResults, useSession } from "../sessions/context";
import { CameraControls } from "./CameraControls";
import { CameraView } from "./CameraView";
import { Cameras, type Seen } from "./Cameras";
import { Faces } from "./Faces";
import { Present } from "./Present";
import { allowSound, ring } from "./sound";
import { useAwake } from "./useAwake";
import { useStored } from "./useStored";

/** How long boxes stay where no newer ones come, in milliseconds: longer where results take longer. */
const SHOWN_FOR = 2_500;

export function LiveTab() {
  const { t } = useTranslation();
  const { session } = useSession();
  if (session.state === "scheduled") return <Empty title={t("live.notStarted")} />;
  if (session.state === "closed") return <Empty title={t("live.closed")} />;
  return <Live />;
}

function Live() {
  const { session, liveState } = useSession();
  const client = useQueryClient();
  const camera = useCamera();
  const [perSecond, setPerSecond] = useStored("rollcall.live.perSecond", 3);
  const [hasSound, setSound] = useStored("rollcall.live.sound", 0);
  const [mirror, setMirror] = useState<boolean | null>(null);
  const [drawn, setDrawn] = useState<{ result: Result; size: Size; at: number; took: number } | null>(null);
  const [faces, setFaces] = useState<readonly Face[]>([]);
  const [seen, setSeen] = useState<ReadonlyMap<string, Seen>>(new Map());
  const [refused, setRefused] = useState<Problem | null>(null);
  const current = useRef<readonly Face[]>([]);
  const pictures = useRef(new Map<string, HTMLCanvasElement>());
  const noted = useRef(new Set<string>());
  useAwake(camera.isOn);

  const note = useCallback(
    (result: Result, picture: Picture | null) => {
      // A result may be heard of twice: by an event and by an answer.
      if (noted.current.has(result.frame_id)) return;
      noted.current.add(result.frame_id);
      if (noted.current.size > 500) noted.current = new Set([result.frame_id]);
      if (hasSound && result.sightings.some((sighting) => sighting.outcome === "present")) ring();
      const { faces: after, touched } = addFaces(current.current, result);
      // At once: the picture is not kept.
      for (const [key, sighting] of touched) {
        if (picture) pictures.current.set(key, cut(picture.bitmap, portrait(sighting.box, picture.size), 96));
      }
      for (const key of pictures.current.keys()) if (!after.some((face) => face.key === key)) pictures.current.delete(key);
      current.current = after;
      setFaces(after);
    },
    [hasSound],
  );

  const frames = useFrames({
    sessionId: session.id,
    video: camera.video,
    isOn: camera.isOn,
    isLive: liveState === "open",
    perSecond,
    onJudged: ({ picture, result, at, took }: Judged<Picture>) => {
      setDrawn({ result, size: picture.size, at, took });
      note(result, picture);
      // Whoever may not listen sees what changed by asking.
      if (liveState !== "open" && result.sightings.some((one) => one.outcome === "present")) reread(client, session.id);
    },
    onRefused: (problem) => {
      setRefused(problem);
      camera.stop();
      void client.invalidateQueries({ queryKey: ["sessions", session.id] });
    },
  });
  const { heard } = frames;
  useResults(
    useCallback(
      (result: Result) => {
        // That of a picture of this device is noted with its picture.
        heard(result);
        const { camera_id: cameraId } = result;
        if (cameraId) setSeen((before) => new Map(before).set(cameraId, { at: result.decided_at, faces: result.sightings.length }));
        // The answer with the frame's id may still be on its way.
        setTimeout(() => note(result, null), cameraId ? 0 : 1000);
      },
      [heard, note],
    ),
  );

  useLayoutEffect(() => (drawn ? noteDrawn(drawn.at, drawn.took) : undefined), [drawn]);
  useEffect(() => {
    if (!drawn) return undefined;
    const timer = setTimeout(() => setDrawn(null), Math.max(SHOWN_FOR, 1.5 * drawn.took));
    return () => clearTimeout(timer);
  }, [drawn]);

  const isMirrored = mirror ?? camera.facesUser;
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "minmax(0, 2fr) minmax(300px, 1fr)" }, alignItems: "start" }}>
      <Box sx={{ display: "grid", gap: 2, minWidth: 0 }}>
        <CameraView camera={camera} isMirrored={isMirrored} drawn={drawn} />
        <CameraControls
          camera={camera}
          numbers={frames.numbers}
          problem={refused ?? frames.problem}
          onStart={(deviceId) => {
            setRefused(null);
            if (hasSound) allowSound();
            camera.start(deviceId ? { deviceId } : {});
          }}
          isMirrored={isMirrored}
          onMirror={setMirror}
          perSecond={perSecond}
          onPerSecond={setPerSecond}
          hasSound={hasSound === 1}
          onSound={(on) => setSound(on ? 1 : 0)}
        />
        <Cameras seen={seen} />
        <Box sx={{ display: { xs: "none", lg: "block" } }}>
          <Faces faces={faces} pictures={pictures.current} />
        </Box>
      </Box>
      <Present />
      <Box sx={{ display: { lg: "none" } }}>
        <Faces faces={faces} pictures={pictures.current} />
      </Box>
    </Box>
  );
}
