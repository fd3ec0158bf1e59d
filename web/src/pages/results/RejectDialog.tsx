import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { useAttempts } from "../../api/idempotency";
import { reread } from "../../live/useStandings";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { type Somebody, PersonPicker } from "../../parts/PersonPicker";

interface Props {
  sessionId: string;
  frameId: string;
  faceIndex: number;
  /** For whom the face was taken. */
  name: string;
  onClose: () => void;
}

/** Says that a face is not the person's whom it was taken for, and who it is where that is known. */
export function RejectDialog({ sessionId, frameId, faceIndex, name, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const attempts = useAttempts();
  const [actual, setActual] = useState<Somebody | null>(null);
  const [reason, setReason] = useState("");
  const reject = useMutation({
    mutationFn: () => {
      const body = { reason: reason.trim(), ...(actual && { actual_person_id: actual.id }) };
      const path = { session_id: sessionId, frame_id: frameId, face_index: faceIndex };
      const header = { "Idempotency-Key": attempts.keyFor({ path, body }) };
      return data(api.POST("/api/v1/sessions/{session_id}/sightings/{frame_id}/{face_index}/reject", { params: { path, header }, body }));
    },
    onSuccess: () => {
      reread(client, sessionId);
      void client.invalidateQueries({ queryKey: ["sessions", sessionId] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      title={t("results.notThis", { name })}
      action={t("results.reject")}
      danger
      disabled={reason.trim() === ""}
      pending={reject.isPending}
      error={reject.error}
      onConfirm={() => reject.mutate()}
      onClose={onClose}
    >
      <Typography>{t("results.rejectWhat")}</Typography>
      <PersonPicker label={t("results.actual")} value={actual} onChange={setActual} />
      <TextField label={t("results.reason")} required multiline minRows={2} value={reason} onChange={(event) => setReason(event.target.value)} slotProps={{ htmlInput: { maxLength: 500 } }} />
    </ConfirmDialog>
  );
}
