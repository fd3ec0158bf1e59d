import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { reread } from "../../live/useStandings";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { type Somebody, PersonPicker } from "../../parts/PersonPicker";
import { MARKS, type Mark, markBody } from "./marks";

interface Props {
  sessionId: string;
  /** Whose attendance; asked for where it is not said. */
  person: Somebody | null;
  /** The zone of the clocks that times are typed in. */
  zone: string;
  /** The day of the session, for times. */
  day: string;
  initial?: Mark;
  onClose: () => void;
}

/** Marks somebody by hand: a state that holds whatever is seen, or that they came or went. */
export function MarkDialog({ sessionId, person, zone, day, initial = "present", onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [whose, setWhose] = useState(person);
  const [mark, setMark] = useState<Mark>(initial);
  const [at, setAt] = useState("");
  const [reason, setReason] = useState("");
  const save = useMutation({
    mutationFn: () => {
      const body = markBody({ personId: whose?.id ?? "", mark, at, reason }, day, zone);
      return data(api.POST("/api/v1/sessions/{session_id}/attendance", { params: { path: { session_id: sessionId } }, body }));
    },
    onSuccess: () => {
      reread(client, sessionId);
      void client.invalidateQueries({ queryKey: ["sessions", sessionId, "history"] });
      void client.invalidateQueries({ queryKey: ["records"] });
      onClose();
    },
  });
  const isMovement = mark === "in" || mark === "out";
  return (
    <ConfirmDialog
      open
      title={person ? t("results.markOf", { name: person.name }) : t("results.mark")}
      action={t("account.save")}
      disabled={!whose || (mark === "excused" && reason.trim() === "")}
      pending={save.isPending}
      error={save.error}
      onConfirm={() => save.mutate()}
      onClose={onClose}
    >
      {!person && <PersonPicker label={t("sessions.person")} value={whose} onChange={setWhose} required />}
      <TextField select label={t("results.as")} value={mark} onChange={(event) => setMark(event.target.value as Mark)}>
        {MARKS.map((one) => (
          <MenuItem key={one} value={one}>
            {one === "in" || one === "out" ? t(`results.directions.${one}`) : t(`results.states.${one}`)}
          </MenuItem>
        ))}
      </TextField>
      <Typography variant="body2" color="textSecondary">
        {t(isMovement ? "results.movementWhat" : "results.correctionWhat")}
      </Typography>
      {isMovement && (
        <TextField
          type="time"
          label={t("results.at")}
          helperText={t("results.atHint", { zone })}
          value={at}
          onChange={(event) => setAt(event.target.value)}
          slotProps={{ inputLabel: { shrink: true } }}
        />
      )}
      <TextField
        label={t("results.reason")}
        required={mark === "excused"}
        multiline
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        slotProps={{ htmlInput: { maxLength: 500 } }}
      />
    </ConfirmDialog>
  );
}
