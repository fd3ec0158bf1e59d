import PlayArrow from "@mui/icons-material/PlayArrow";
import Stop from "@mui/icons-material/Stop";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { api, data } from "../../api/client";
import { missed } from "../../live/standings";
import { useStandings } from "../../live/useStandings";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { ProblemNote } from "../../parts/states";
import { SessionDialog } from "./SessionDialog";
import type { Session } from "./queries";

type Asked = "close" | "cancel" | "edit" | null;

/** What may be done with a session, by where it is in its life. */
export function SessionActions({ session }: { session: Session }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked>(null);
  const params = { path: { session_id: session.id } };
  const refresh = () => client.invalidateQueries({ queryKey: ["sessions"] });
  const start = useMutation({
    mutationFn: () => data(api.POST("/api/v1/sessions/{session_id}/start", { params })),
    onSuccess: async () => {
      await refresh();
      await navigate(`/sessions/${session.id}/live`);
    },
  });
  const close = useMutation({
    mutationFn: () => data(api.POST("/api/v1/sessions/{session_id}/close", { params })),
    onSuccess: async () => {
      setAsked(null);
      await refresh();
      // Whoever closes a session wants to know who was not there.
      await navigate(`/sessions/${session.id}?show=absent`);
    },
  });
  const cancel = useMutation({
    mutationFn: () => api.DELETE("/api/v1/sessions/{session_id}", { params }),
    onSuccess: async () => {
      await navigate("/sessions");
      client.removeQueries({ queryKey: ["sessions", session.id] });
      await refresh();
    },
  });
  return (
    <>
      {start.error && <ProblemNote error={start.error} />}
      {session.state === "scheduled" && (
        <>
          <Button color="error" onClick={() => setAsked("cancel")}>
            {t("sessions.cancel")}
          </Button>
          <Button variant="outlined" onClick={() => setAsked("edit")}>
            {t("sessions.edit")}
          </Button>
          <Button variant="contained" startIcon={<PlayArrow />} onClick={() => start.mutate()} loading={start.isPending}>
            {t("sessions.start")}
          </Button>
        </>
      )}
      {session.state === "active" && (
        <>
          <Button variant="outlined" onClick={() => setAsked("edit")}>
            {t("sessions.changeEnd")}
          </Button>
          <Button variant="contained" color="error" startIcon={<Stop />} onClick={() => setAsked("close")}>
            {t("sessions.close")}
          </Button>
        </>
      )}
      {asked === "edit" && <SessionDialog session={session} onClose={() => setAsked(null)} />}
      <ConfirmDialog
        open={asked === "close"}
        title={t("sessions.closeQuestion")}
        action={t("sessions.close")}
        danger
        pending={close.isPending}
        error={close.error}
        onConfirm={() => close.mutate()}
        onClose={() => setAsked(null)}
      >
        <Closing sessionId={session.id} />
      </ConfirmDialog>
      <ConfirmDialog
        open={asked === "cancel"}
        title={t("sessions.cancelQuestion")}
        action={t("sessions.cancel")}
        cancel={t("sessions.keep")}
        danger
        pending={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate()}
        onClose={() => setAsked(null)}
      >
        <Typography>{t("sessions.cancelWhat")}</Typography>
      </ConfirmDialog>
    </>
  );
}

/** What closing will do, and whom it will make absent. */
function Closing({ sessionId }: { sessionId: string }) {
  const { t, i18n } = useTranslation();
  const standings = useStandings(sessionId);
  const missing = standings.data && missed(standings.data.people.values(), i18n.language);
  return (
    <>
      {missing && <Typography sx={{ fontWeight: 650 }}>{t("sessions.willBeAbsent", { count: missing.length })}</Typography>}
      {missing && missing.length > 0 && (
        <Box component="ul" tabIndex={0} aria-label={t("results.states.absent")} sx={{ m: 0, ps: 2.5, maxHeight: 200, overflowY: "auto" }}>
          {missing.map((person) => (
            <li key={person.person_id}>
              <bdi>{person.name}</bdi>
            </li>
          ))}
        </Box>
      )}
      <Typography>{t("sessions.closeWhat")}</Typography>
    </>
  );
}
