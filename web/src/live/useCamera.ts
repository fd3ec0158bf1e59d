import { useCallback, useEffect, useRef, useState } from "react";

import { type CameraTrouble, troubleOf } from "./trouble";

/** `user` looks at whoever holds the device, `environment` away from them. */
export type Facing = "user" | "environment";

export interface Camera {
  /** Goes onto the `<video>`. */
  attach: (video: HTMLVideoElement | null) => void;
  video: () => HTMLVideoElement | null;
  isOn: boolean;
  isStarting: boolean;
  /** Whether it looks at whoever holds it, so that a mirror is what they expect. */
  facesUser: boolean;
  devices: readonly MediaDeviceInfo[];
  deviceId: string | null;
  trouble: CameraTrouble | null;
  /** That one, or one that looks that way: away from whoever holds the device where nothing is said. */
  start: (which?: { deviceId?: string; facing?: Facing }) => void;
  stop: () => void;
}

/** A camera of this device, as long as the page is there. */
export function useCamera(): Camera {
  const element = useRef<HTMLVideoElement | null>(null);
  const stream = useRef<MediaStream | null>(null);
  const attempt = useRef(0);
  const [isOn, setOn] = useState(false);
  const [isStarting, setStarting] = useState(false);
  const [facesUser, setFacesUser] = useState(false);
  const [devices, setDevices] = useState<readonly MediaDeviceInfo[]>([]);
  const [deviceId, setDeviceId] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<CameraTrouble | null>(null);

  const stop = useCallback(() => {
    attempt.current += 1;
    for (const track of stream.current?.getTracks() ?? []) track.stop();
    stream.current = null;
    if (element.current) element.current.srcObject = null;
    setOn(false);
    setStarting(false);
  }, []);

  const start = useCallback(
    ({ deviceId: wanted, facing = "environment" }: { deviceId?: string; facing?: Facing } = {}) => {
      stop();
      const mine = attempt.current;
      setTrouble(null);
      if (!("mediaDevices" in navigator)) {
        setTrouble("insecure");
        return;
      }
      setStarting(true);
      const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
      const which = wanted ? { deviceId: { exact: wanted } } : { facingMode: { ideal: facing } };
      const use = async () => {
        const got = await navigator.mediaDevices.getUserMedia({ video: { ...size, ...which }, audio: false });
        if (mine !== attempt.current) {
          for (const track of got.getTracks()) track.stop();
          return;
        }
        stream.current = got;
        const [track] = got.getVideoTracks();
        const settings = track?.getSettings();
        track?.addEventListener("ended", () => {
          if (mine !== attempt.current) return;
          stop();
          setTrouble("lost");
        });
        setFacesUser(settings?.facingMode !== "environment");
        setDeviceId(settings?.deviceId ?? null);
        if (element.current) {
          element.current.srcObject = got;
          await element.current.play();
        }
        setOn(true);
        // Names of cameras are told only to whoever was allowed to use one.
        setDevices((await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput"));
      };
      use()
        .catch((error: unknown) => {
          if (mine !== attempt.current) return;
          stop();
          setTrouble(troubleOf(error));
        })
        .finally(() => {
          if (mine === attempt.current) setStarting(false);
        });
    },
    [stop],
  );

  const attach = useCallback((video: HTMLVideoElement | null) => {
    element.current = video;
    if (!video || !stream.current) return;
    video.srcObject = stream.current;
    void video.play().catch(() => undefined);
  }, []);
  const video = useCallback(() => element.current, []);

  useEffect(() => stop, [stop]);
  return { attach, video, isOn, isStarting, facesUser, devices, deviceId, trouble, start, stop };
}
