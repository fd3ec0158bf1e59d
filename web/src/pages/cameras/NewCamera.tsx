import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import MenuItem from "@mui/material/MenuItem";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { CopyText } from "../../parts/CopyText";
import { CourseSelect } from "../../parts/CourseSelect";
import { useFormats } from "../../time/formats";
import { command } from "./command";

type CameraWithKey = components["schemas"]["CameraWithKey"];

/** Makes a camera, and then shows its key, once. */
export function NewCamera({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [courseId, setCourseId] = useState<string | null>(null);
  const [sessionId, setSessionId] = useState("");
  const make = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/cameras", {
          body: { name, course_id: courseId, session_id: sessionId || null },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["cameras"] }),
  });
  if (make.data) return <NewKey camera={make.data} onClose={onClose} />;
  return (
    <ConfirmDialog
      open
      title={t("cameras.add")}
      action={t("cameras.make")}
      pending={make.isPending}
      error={make.error}
      onConfirm={() => make.mutate()}
      onClose={onClose}
    >
      <TextField
        label={t("cameras.name")}
        helperText={t("cameras.nameHelp")}
        required
        autoFocus
        value={name}
        onChange={(event) => setName(event.target.value)}
        slotProps={{ htmlInput: { maxLength: 200, dir: "auto" } }}
      />
      <CourseSelect
        label={t("cameras.course")}
        placeholder={t("cameras.allCourses")}
        value={courseId}
        onChange={(next) => {
          setCourseId(next);
          setSessionId("");
        }}
      />
      {courseId && <SessionOf courseId={courseId} value={sessionId} onChange={setSessionId} />}
    </ConfirmDialog>
  );
}

function SessionOf({ courseId, value, onChange }: { courseId: string; value: string; onChange: (id: string) => void }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const sessions = useQuery({
    queryKey: ["sessions", "open", courseId],
    queryFn: async () => {
      const open = await Promise.all(
        (["active", "scheduled"] as const).map((state) =>
          data(api.GET("/api/v1/sessions", { params: { query: { course_id: courseId, state, limit: 20 } } })),
        ),
      );
      return open.flatMap((page) => page.items);
    },
  });
  return (
    <TextField select label={t("cameras.session")} value={value} onChange={(event) => onChange(event.target.value)} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
      <MenuItem value="">{t("cameras.everySession")}</MenuItem>
      {sessions.data?.map((session) => (
        <MenuItem key={session.id} value={session.id}>
          {dateTime(session.starts_at)} · {t(`sessions.states.${session.state}`)}
        </MenuItem>
      ))}
    </TextField>
  );
}

function NewKey({ camera, onClose }: { camera: CameraWithKey; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    // Not closed by a click beside it: the key would be gone.
    <Dialog open aria-labelledby="new-key" fullWidth maxWidth="sm">
      <DialogTitle id="new-key">{t("cameras.key", { name: camera.name })}</DialogTitle>
      <DialogContent>
        <Stack spacing={2}>
          <Alert severity="warning">{t("cameras.keyOnce")}</Alert>
          <CopyText name={t("cameras.keyWord")} text={camera.key} />
          <CopyText name={t("cameras.command")} text={command(camera.key, location.origin, camera.session_id ?? null)} />
          <Typography variant="body2" color="textSecondary">
            {camera.session_id ? t("cameras.commandAboutSession") : t("cameras.commandAbout")}
          </Typography>
        </Stack>
      </DialogContent>
      <DialogActions sx={{ p: 2 }}>
        <Button variant="contained" onClick={onClose}>
          {t("cameras.kept")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
