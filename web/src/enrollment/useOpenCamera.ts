import { useCallback, useEffect, useRef } from "react";

import type { CameraTrouble } from "../live/trouble";
import { type Camera, type Facing, useCamera } from "../live/useCamera";
import { frameSize } from "./guidance";

export type CameraState = "starting" | "on" | CameraTrouble;

interface OpenCamera extends Pick<Camera, "attach" | "video"> {
  state: CameraState;
  /** The picture now, as JPEG; nothing while there is none. */
  frame: () => Promise<Blob | null>;
}

/** The camera of this device that looks that way, on as long as the page is open. */
export function useOpenCamera(facing: Facing): OpenCamera {
  const { attach, video, isOn, trouble, start, stop } = useCamera();
  const canvas = useRef<HTMLCanvasElement | null>(null);
  useEffect(() => {
    start({ facing });
    return stop;
  }, [facing, start, stop]);
  const frame = useCallback(async () => {
    const shown = video();
    if (!shown || shown.videoWidth === 0) return null;
    const size = frameSize(shown.videoWidth, shown.videoHeight);
    canvas.current ??= document.createElement("canvas");
    canvas.current.width = size.width;
    canvas.current.height = size.height;
    canvas.current.getContext("2d")?.drawImage(shown, 0, 0, size.width, size.height);
    const drawn = canvas.current;
    return new Promise<Blob | null>((resolve) => drawn.toBlob(resolve, "image/jpeg", 0.88));
  }, [video]);
  return { attach, video, state: trouble ?? (isOn ? "on" : "starting"), frame };
}
