import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { QrCode } from "../../parts/QrCode";
import { Loading } from "../../parts/states";
import { checkInLink } from "../../roomCode";
import { roomCode } from "./api";
import { refusal } from "./greeting";
import type { ScreenProps } from "./screen";

/** Often enough that a code is never older than the server takes, whatever the clock here shows; in milliseconds. */
const AGAIN = 4_000;

/** The code that people take with their phone. */
export function KioskCode({ passKey, sessionId, onNoKey }: ScreenProps) {
  const { t } = useTranslation();
  const code = useQuery({
    queryKey: ["kiosk", "code", sessionId],
    queryFn: () => roomCode(passKey, sessionId),
    refetchInterval: AGAIN,
    refetchIntervalInBackground: true,
    retry: false,
    gcTime: 0,
  });
  const refused = code.error ? refusal(code.error) : null;
  const isOver = refused?.isOver ?? false;
  useEffect(() => {
    if (isOver) onNoKey();
  }, [isOver, onNoKey]);
  return (
    <Stack spacing={2} sx={{ alignItems: "center", width: "100%" }}>
      {refused && <Alert severity="info">{t(`kiosk.trouble.${refused.word}`)}</Alert>}
      {code.isPending && <Loading />}
      {/* One that may be too old by now is worse than none. */}
      {code.data && !refused && (
        <Box sx={{ width: "min(60dvh, 100%)" }}>
          <QrCode text={checkInLink(location.origin, code.data.qr)} label={t("kiosk.code")} />
        </Box>
      )}
      <Typography sx={{ textAlign: "center", fontSize: { xs: "1.1rem", sm: "1.4rem" }, maxWidth: "40ch" }}>{t("kiosk.codeAbout")}</Typography>
    </Stack>
  );
}
