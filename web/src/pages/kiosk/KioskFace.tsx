import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { useOpenCamera } from "../../enrollment/useOpenCamera";
import { GreetingCard } from "./GreetingCard";
import { mark } from "./api";
import { type Shown, refusal, shown } from "./greeting";
import type { ScreenProps } from "./screen";

/** From the end of one picture to the next, in milliseconds. */
const PAUSE = 300;
const TICK = 500;

/** Looks at whoever stands there, one picture after the other. */
export function KioskFace({ passKey, sessionId, onNoKey }: ScreenProps) {
  const { t } = useTranslation();
  const { attach, state, frame } = useOpenCamera("user");
  const [said, setSaid] = useState<readonly Shown[]>([]);
  const [trouble, setTrouble] = useState<string | null>(null);
  const noKey = useRef(onNoKey);
  useEffect(() => {
    noKey.current = onNoKey;
  });
  useEffect(() => {
    if (state !== "on") return undefined;
    let isOver = false;
    const look = async () => {
      while (!isOver) {
        let pause = PAUSE;
        try {
          const jpeg = document.visibilityState === "visible" ? await frame() : null;
          const faces = jpeg ? await mark(passKey, sessionId, jpeg) : [];
          if (isOver) return;
          setTrouble(null);
          setSaid((before) => shown(before, faces, Date.now()));
        } catch (error) {
          const refused = refusal(error);
          if (isOver) return;
          if (refused.isOver) return noKey.current();
          setTrouble(refused.word);
          pause = refused.pause;
        }
        await new Promise((done) => setTimeout(done, pause));
      }
    };
    void look();
    const timer = setInterval(() => setSaid((before) => (before.length > 0 ? shown(before, [], Date.now()) : before)), TICK);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [state, frame, passKey, sessionId]);
  const isTrouble = state !== "on" && state !== "starting";
  return (
    <Stack spacing={2} sx={{ width: "100%", maxWidth: 900, alignItems: "center" }}>
      {isTrouble && <Alert severity="warning">{t(`live.trouble.${state}`)}</Alert>}
      <Box sx={{ position: "relative", width: "min(100%, 72dvh)", aspectRatio: "4 / 3", borderRadius: 2, overflow: "hidden", bgcolor: "black" }}>
        <Box
          component="video"
          ref={attach}
          muted
          playsInline
          aria-label={t("kiosk.picture")}
          style={{ transform: "scaleX(-1)" }}
          sx={{ width: "100%", height: "100%", objectFit: "cover", display: "block" }}
        />
      </Box>
      <Box role="status" aria-live="polite" sx={{ width: "100%", minHeight: 96 }}>
        {trouble ? (
          <Alert severity={trouble === "spoof" ? "error" : "info"}>{t(`kiosk.trouble.${trouble}`)}</Alert>
        ) : said.length === 0 ? (
          <Typography sx={{ textAlign: "center", fontSize: { xs: "1.2rem", sm: "1.5rem" } }} color="textSecondary">
            {state === "on" ? t("kiosk.look") : t("state.loading")}
          </Typography>
        ) : (
          <Stack spacing={1}>
            {said.map((one) => (
              <GreetingCard key={one.key} greeting={one} />
            ))}
          </Stack>
        )}
      </Box>
    </Stack>
  );
}
