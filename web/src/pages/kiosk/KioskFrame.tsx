import Fullscreen from "@mui/icons-material/Fullscreen";
import FullscreenExit from "@mui/icons-material/FullscreenExit";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import Stack from "@mui/material/Stack";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { LanguageMenu } from "../../shell/LanguageMenu";
import { useFormats } from "../../time/formats";
import { useAwake, useFullscreen } from "./screen";

export const MODES = ["face", "code", "pin"] as const;
export type Mode = (typeof MODES)[number];

/** The screen of a kiosk: what it is for, the time, and the ways to check in. */
export function KioskFrame({ title, mode, onMode, children }: { title: string; mode: Mode; onMode: (mode: Mode) => void; children: ReactNode }) {
  const { t } = useTranslation();
  const { isFull, toggle } = useFullscreen();
  useAwake();
  useEffect(() => {
    document.title = `${title || t("kiosk.title")} · ${t("app")}`;
  }, [title, t]);
  return (
    <Box sx={{ minHeight: "100dvh", display: "flex", flexDirection: "column" }}>
      <Stack component="header" direction="row" spacing={1.5} sx={{ p: { xs: 1, sm: 2 }, alignItems: "center", borderBottom: 1, borderColor: "divider", bgcolor: "background.paper" }}>
        <img src="/icon.svg" alt="" width={32} height={32} />
        <Typography component="h1" noWrap sx={{ flexGrow: 1, minWidth: 0, fontWeight: 650, fontSize: "1.15rem" }}>
          <bdi>{title || t("kiosk.title")}</bdi>
        </Typography>
        <Clock />
        <LanguageMenu />
        <IconButton onClick={toggle} aria-label={isFull ? t("kiosk.leaveFull") : t("kiosk.full")}>
          {isFull ? <FullscreenExit /> : <Fullscreen />}
        </IconButton>
      </Stack>
      <Box component="main" sx={{ flexGrow: 1, minHeight: 0, display: "grid", placeItems: "center", p: { xs: 2, sm: 3 } }}>
        {children}
      </Box>
      <Box component="footer" sx={{ p: { xs: 1, sm: 2 }, borderTop: 1, borderColor: "divider", bgcolor: "background.paper" }}>
        <ToggleButtonGroup
          exclusive
          fullWidth
          size="large"
          color="primary"
          value={mode}
          aria-label={t("kiosk.how")}
          onChange={(_, next: Mode | null) => {
            if (next) onMode(next);
          }}
          sx={{ maxWidth: 640, mx: "auto", display: "flex" }}
        >
          {MODES.map((one) => (
            <ToggleButton key={one} value={one} sx={{ py: 1.5, fontSize: "1.05rem" }}>
              {t(`kiosk.modes.${one}`)}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      </Box>
    </Box>
  );
}

function Clock() {
  const { time } = useFormats();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Typography component="time" sx={{ fontVariantNumeric: "tabular-nums", fontSize: "1.15rem", flexShrink: 0, display: { xs: "none", sm: "block" } }}>
      {time(now)}
    </Typography>
  );
}
