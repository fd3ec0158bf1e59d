import Fullscreen from "@mui/icons-material/Fullscreen";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { courseCode } from "../../courses/queries";
import { QrCode } from "../../parts/QrCode";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { checkInLink } from "../../roomCode";
import { Count } from "./Count";
import { useSession } from "./context";

/** The code by which people check in, for a screen in the room: a new one every 15 seconds. */
export function CodeTab() {
  const { t } = useTranslation();
  const { session, course } = useSession();
  const screen = useRef<HTMLDivElement | null>(null);
  const code = useQuery({
    queryKey: ["sessions", session.id, "code"],
    queryFn: () => data(api.GET("/api/v1/sessions/{session_id}/qr", { params: { path: { session_id: session.id } } })),
    enabled: session.state === "active",
    staleTime: 0,
    gcTime: 0,
    refetchInterval: ({ state }) => (state.data ? Math.max(1000, Date.parse(state.data.next_at) - Date.now() + 200) : 5000),
    refetchIntervalInBackground: true,
  });
  if (session.state !== "active") return <Empty title={t("live.code.onlyActive")} />;
  if (code.error && !code.data) return <ProblemNote error={code.error} retry={() => void code.refetch()} />;
  if (!code.data) return <Loading />;
  return (
    <Stack spacing={2} sx={{ alignItems: "center" }}>
      <Stack ref={screen} spacing={2} sx={{ alignItems: "center", justifyContent: "center", width: "100%", bgcolor: "background.default", p: 2, textAlign: "center" }}>
        <Typography variant="h2">{t("live.code.title", { course: courseCode(course) })}</Typography>
        <Box sx={{ width: "min(52vh, 100%)", "*:fullscreen > &": { width: "min(70vh, 100%)" } }}>
          <QrCode text={checkInLink(window.location.origin, code.data.qr)} label={t("live.code.label")} />
        </Box>
        <Typography color="textSecondary">{t("live.code.what")}</Typography>
        <Count />
      </Stack>
      {code.error && <ProblemNote error={code.error} retry={() => void code.refetch()} />}
      {document.fullscreenEnabled && (
        <Button variant="outlined" startIcon={<Fullscreen />} onClick={() => void screen.current?.requestFullscreen()}>
          {t("live.code.full")}
        </Button>
      )}
    </Stack>
  );
}
