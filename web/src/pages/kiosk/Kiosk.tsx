import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate, useParams } from "react-router";

import { Door } from "../../auth/Door";
import { ZoneContext } from "../../auth/organization";
import { useAsked } from "../../parts/asked";
import { KioskCode } from "./KioskCode";
import { KioskFace } from "./KioskFace";
import { KioskFrame, MODES } from "./KioskFrame";
import { KioskPin } from "./KioskPin";
import { type Pass, keepPass, keptPass, passIn } from "./pass";

const SCREENS = { face: KioskFace, code: KioskCode, pin: KioskPin } as const;

/** A tablet at the door: checks people in by face, by a code that they scan, or by PIN. Nobody is signed in here. */
export function Kiosk() {
  const { sessionId = "" } = useParams();
  const { hash, pathname, search } = useLocation();
  const navigate = useNavigate();
  const [asked, ask] = useAsked();
  const [pass, setPass] = useState<Pass | null>(() => passIn(hash) ?? keptPass(sessionId));
  const keep = (next: Pass | null) => {
    keepPass(sessionId, next);
    setPass(next);
  };
  useEffect(() => {
    const given = passIn(hash);
    if (!given) return;
    keepPass(sessionId, given);
    // The key is not left in the address, where whoever stands there could read it.
    void navigate(pathname + search, { replace: true });
  }, [hash, navigate, pathname, search, sessionId]);
  if (!pass) return <AskForKey onKey={(key) => keep({ key, title: "", zone: null })} />;
  const mode = MODES.find((one) => one === asked.get("mode")) ?? "face";
  const Screen = SCREENS[mode];
  return (
    <ZoneContext value={pass.zone}>
      <KioskFrame title={pass.title} mode={mode} onMode={(next) => ask({ mode: next })}>
        <Screen passKey={pass.key} sessionId={sessionId} onNoKey={() => keep(null)} />
      </KioskFrame>
    </ZoneContext>
  );
}

function AskForKey({ onKey }: { onKey: (key: string) => void }) {
  const { t } = useTranslation();
  const [key, setKey] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onKey(key.trim());
  };
  return (
    <Door title={t("kiosk.title")}>
      <Stack component="form" spacing={2} onSubmit={submit}>
        <Typography color="textSecondary">{t("kiosk.needsKey")}</Typography>
        <TextField
          label={t("kiosk.key")}
          type="password"
          autoComplete="off"
          required
          value={key}
          onChange={(event) => setKey(event.target.value)}
          slotProps={{ htmlInput: { dir: "ltr" } }}
        />
        <Button type="submit" variant="contained">
          {t("kiosk.start")}
        </Button>
      </Stack>
    </Door>
  );
}
