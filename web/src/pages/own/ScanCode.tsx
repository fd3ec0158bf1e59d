import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { useOpenCamera } from "../../enrollment/useOpenCamera";
import { codeIn } from "../../roomCode";

type Code = NonNullable<ReturnType<typeof codeIn>>;

/** What some browsers have built in. */
interface Detector {
  detect: (source: HTMLVideoElement) => Promise<readonly { rawValue: string }[]>;
}

declare global {
  interface Window {
    BarcodeDetector?: new (options: { formats: readonly string[] }) => Detector;
  }
}

const PAUSE = 250;

/** Reads a code here where the browser can; else the phone's own camera does, which leads to this page. */
export function ScanCode({ onCode }: { onCode: (code: Code) => void }) {
  const { t } = useTranslation();
  const [isOn, setOn] = useState(false);
  if (!window.BarcodeDetector) return <Typography>{t("own.scanElsewhere")}</Typography>;
  return isOn ? (
    <Scanner
      onCode={(code) => {
        setOn(false);
        onCode(code);
      }}
    />
  ) : (
    <Stack spacing={1} sx={{ alignItems: "start" }}>
      <Button variant="outlined" onClick={() => setOn(true)}>
        {t("own.scan")}
      </Button>
      <Typography variant="body2" color="textSecondary">
        {t("own.scanElsewhere")}
      </Typography>
    </Stack>
  );
}

function Scanner({ onCode }: { onCode: (code: Code) => void }) {
  const { t } = useTranslation();
  const { attach, video, state } = useOpenCamera("environment");
  const found = useRef(onCode);
  useEffect(() => {
    found.current = onCode;
  });
  useEffect(() => {
    if (state !== "on" || !window.BarcodeDetector) return undefined;
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    let isOver = false;
    const look = async () => {
      while (!isOver) {
        const shown = video();
        const seen = shown ? await detector.detect(shown).catch(() => []) : [];
        const code = seen.map((one) => codeIn(one.rawValue)).find((one) => one !== null);
        if (code && !isOver) return found.current(code);
        await new Promise((done) => setTimeout(done, PAUSE));
      }
    };
    void look();
    return () => {
      isOver = true;
    };
  }, [state, video]);
  const isTrouble = state !== "on" && state !== "starting";
  return (
    <Box>
      {isTrouble && <Alert severity="warning">{t(`live.trouble.${state}`)}</Alert>}
      <Box component="video" ref={attach} muted playsInline aria-label={t("own.scan")} sx={{ width: "100%", borderRadius: 1, bgcolor: "black" }} />
    </Box>
  );
}
