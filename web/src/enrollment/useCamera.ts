import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

import { type CameraTrouble, troubleOf } from "../live/trouble";
import { frameSize } from "./guidance";

export type CameraState = "starting" | "on" | CameraTrouble;

interface Camera {
  /** Where the picture is shown. */
  video: RefObject<HTMLVideoElement | null>;
  state: CameraState;
  /** The picture now, as JPEG; nothing while there is none. */
  frame: () => Promise<Blob | null>;
}

/** The browser's camera while the page is open; `user` looks at whoever holds the device, `environment` away from them. */
export function useCamera(facing: "user" | "environment"): Camera {
  const video = useRef<HTMLVideoElement | null>(null);
  const canvas = useRef<HTMLCanvasElement | null>(null);
  const [state, setState] = useState<CameraState>("starting");

  useEffect(() => {
    let isGone = false;
    let stream: MediaStream | null = null;
    const start = async () => {
      setState("starting");
      // Browsers have cameras for HTTPS and this machine itself only.
      if (!window.isSecureContext || !("mediaDevices" in navigator)) {
        setState("insecure");
        return;
      }
      try {
        stream = await navigator.mediaDevices.getUserMedia({
          video: { facingMode: facing, width: { ideal: 1280 }, height: { ideal: 720 } },
          audio: false,
        });
        if (isGone) return stop(stream);
        stream.getVideoTracks()[0]?.addEventListener("ended", () => setState("lost"));
        if (video.current) {
          video.current.srcObject = stream;
          await video.current.play();
        }
        if (!isGone) setState("on");
      } catch (error) {
        if (!isGone) setState(troubleOf(error));
      }
    };
    void start();
    return () => {
      isGone = true;
      if (stream) stop(stream);
    };
  }, [facing]);

  const frame = useCallback(async () => {
    const shown = video.current;
    if (!shown || shown.videoWidth === 0) return null;
    const size = frameSize(shown.videoWidth, shown.videoHeight);
    canvas.current ??= document.createElement("canvas");
    canvas.current.width = size.width;
    canvas.current.height = size.height;
    canvas.current.getContext("2d")?.drawImage(shown, 0, 0, size.width, size.height);
    const drawn = canvas.current;
    return new Promise<Blob | null>((resolve) => drawn.toBlob(resolve, "image/jpeg", 0.88));
  }, []);

  return { video, state, frame };
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
