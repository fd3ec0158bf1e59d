import Close from "@mui/icons-material/Close";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Drawer from "@mui/material/Drawer";
import IconButton from "@mui/material/IconButton";
import Stack from "@mui/material/Stack";
import Toolbar from "@mui/material/Toolbar";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { useActorNames } from "../../auth/actorNames";
import { reread } from "../../live/useStandings";
import { AttendanceChip } from "../../parts/StateChips";
import { Loading, ProblemNote } from "../../parts/states";
import { useSession } from "../sessions/context";
import { RejectDialog } from "./RejectDialog";

type HistoryEvent = components["schemas"]["HistoryEvent"];
type History = components["schemas"]["History"];

/** How somebody's attendance came to be, and what can be taken back of it. */
export function HistoryDrawer({ personId, onClose }: { personId: string | null; onClose: () => void }) {
  const title = useId();
  return (
    <Drawer
      anchor="right"
      open={personId !== null}
      onClose={onClose}
      slotProps={{ paper: { "aria-labelledby": title, sx: { width: { xs: "100%", sm: 440 } } } }}
    >
      <Toolbar />
      {personId && <Inside personId={personId} title={title} onClose={onClose} />}
    </Drawer>
  );
}

function Inside({ personId, title, onClose }: { personId: string; title: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { session } = useSession();
  const path = { session_id: session.id, person_id: personId };
  const history = useQuery({
    queryKey: ["sessions", session.id, "history", personId],
    queryFn: () => data(api.GET("/api/v1/sessions/{session_id}/attendance/{person_id}/history", { params: { path } })),
  });
  return (
    <Box sx={{ p: 2 }}>
      <Stack direction="row" spacing={1} sx={{ alignItems: "center", justifyContent: "space-between", mb: 1 }}>
        <Typography variant="h2" id={title}>
          {history.data ? t("results.historyOf", { name: history.data.attendance.name }) : t("results.history")}
        </Typography>
        <IconButton onClick={onClose} aria-label={t("results.shut")}>
          <Close />
        </IconButton>
      </Stack>
      {history.error && <ProblemNote error={history.error} retry={() => void history.refetch()} />}
      {history.isPending && <Loading />}
      {history.data && <Found history={history.data} />}
    </Box>
  );
}

function Found({ history }: { history: History }) {
  const { t, i18n } = useTranslation();
  const { clock } = useSession();
  return (
    <Stack spacing={3}>
      <Stack direction="row" spacing={1} sx={{ alignItems: "center" }}>
        <Typography>{t("results.now")}</Typography>
        <AttendanceChip state={history.attendance.state} isCorrected={history.attendance.is_corrected} />
      </Stack>
      <BestMatch attendance={history.attendance} />
      <Box component="section">
        <Typography variant="h3">{t("results.done")}</Typography>
        {history.events.length === 0 && <Typography color="textSecondary">{t("results.nothingDone")}</Typography>}
        {history.events.map((event) => (
          <OneEvent key={event.id} event={event} />
        ))}
      </Box>
      <Box component="section">
        <Typography variant="h3">{t("results.changes")}</Typography>
        {history.changes.length === 0 && <Typography color="textSecondary">{t("results.noChanges")}</Typography>}
        {history.changes.map((change) => (
          <Stack key={change.number} sx={{ py: 1, borderBottom: 1, borderColor: "divider" }}>
            <Typography variant="body2" color="textSecondary">
              {clock.dateTime(change.at)} · {t(`results.causes.${change.cause}`)}
            </Typography>
            <Stack direction="row" spacing={1} sx={{ alignItems: "center" }}>
              <AttendanceChip state={change.from} />
              <span role="img" aria-label={t("results.becomes")}>
                {i18n.dir() === "rtl" ? "←" : "→"}
              </span>
              <AttendanceChip state={change.to} />
            </Stack>
          </Stack>
        ))}
      </Box>
    </Stack>
  );
}

/** By which face somebody was marked, where it was by one; that is what can be said to be wrong. */
function BestMatch({ attendance }: { attendance: History["attendance"] }) {
  const { t } = useTranslation();
  const { session } = useSession();
  const [isWrong, setWrong] = useState(false);
  const seen = useQuery({
    queryKey: ["sessions", session.id, "faces", "of", attendance.person_id],
    queryFn: async () => {
      let cursor: string | undefined;
      do {
        const query = { limit: 200, ...(cursor && { cursor }) };
        const page = await data(api.GET("/api/v1/sessions/{session_id}/sightings", { params: { path: { session_id: session.id }, query } }));
        const found = page.items.find((one) => one.person_id === attendance.person_id && one.outcome === "present");
        if (found) return found;
        cursor = page.next ?? undefined;
      } while (cursor);
      return null;
    },
    enabled: attendance.sightings > 0,
  });
  if (!seen.data) return null;
  return (
    <Box>
      <Button color="error" variant="outlined" size="small" onClick={() => setWrong(true)}>
        {t("results.notThisPerson")}
      </Button>
      {isWrong && <RejectDialog sessionId={session.id} frameId={seen.data.frame_id} faceIndex={seen.data.face_index} name={attendance.name} onClose={() => setWrong(false)} />}
    </Box>
  );
}

function OneEvent({ event }: { event: HistoryEvent }) {
  const { t } = useTranslation();
  const { name } = useActorNames().nameOf(event.actor);
  const { session, clock } = useSession();
  const client = useQueryClient();
  const undo = useMutation({
    mutationFn: () => data(api.POST("/api/v1/attendance-events/{attendance_event_id}/void", { params: { path: { attendance_event_id: event.id } }, body: {} })),
    onSuccess: () => {
      reread(client, session.id);
      void client.invalidateQueries({ queryKey: ["sessions", session.id, "history"] });
    },
  });
  const isVoidable = !event.is_void && (event.kind === "correction" || event.kind === "check_in" || event.kind === "check_out");
  return (
    <Stack spacing={0.5} sx={{ py: 1, borderBottom: 1, borderColor: "divider" }}>
      <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: "wrap", alignItems: "center" }}>
        <Typography sx={{ fontWeight: 600, textDecoration: event.is_void ? "line-through" : "none" }}>{t(`results.acts.${event.kind}`)}</Typography>
        {event.kind === "correction" && <AttendanceChip state={event.state} />}
        {(event.kind === "check_in" || event.kind === "check_out") && <Chip size="small" variant="outlined" label={t(`results.methods.${event.method}`)} />}
        {event.is_void && <Chip size="small" label={t("results.void")} />}
      </Stack>
      <Typography variant="body2" color="textSecondary">
        {clock.dateTime(event.at)} · {t(`results.actors.${event.actor.kind}`)}
        {name && (
          <>
            {": "}
            <bdi>{name}</bdi>
          </>
        )}
      </Typography>
      {event.reason && (
        <Typography variant="body2">
          <bdi>{event.reason}</bdi>
        </Typography>
      )}
      {undo.error && <ProblemNote error={undo.error} />}
      {isVoidable && (
        <Box>
          <Button size="small" onClick={() => undo.mutate()} loading={undo.isPending}>
            {t("results.undo")}
          </Button>
        </Box>
      )}
    </Stack>
  );
}
