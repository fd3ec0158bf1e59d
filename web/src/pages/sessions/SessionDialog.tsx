import FormControlLabel from "@mui/material/FormControlLabel";
import MenuItem from "@mui/material/MenuItem";
import Stack from "@mui/material/Stack";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { api, data } from "../../api/client";
import { useAttempts } from "../../api/idempotency";
import { courseLabel, useCourses } from "../../courses/queries";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { useFormats } from "../../time/formats";
import type { Session } from "./queries";
import { draftOf, newDraft, toChange, toCreate } from "./sessionForm";

interface Props {
  /** The session to change; a new one where there is none. */
  session?: Session;
  courseId?: string;
  onClose: () => void;
}

/** Plans a session, or changes one; once it is known by which clocks. */
export function SessionDialog(props: Props) {
  const courses = useCourses();
  return courses.isPending ? null : <Inside {...props} />;
}

function Inside({ session, courseId = "", onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const attempts = useAttempts();
  const courses = useCourses();
  const site = useFormats();
  const zoneOf = (id: string) => courses.data?.get(id)?.time_zone ?? site.zone;
  const [draft, setDraft] = useState(() => (session ? draftOf(session, zoneOf(session.course_id)) : newDraft(courseId, new Date(), zoneOf(courseId))));
  const zone = zoneOf(draft.courseId);
  const set = (change: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...change }));
  const save = useMutation({
    mutationFn: () => {
      if (session) {
        const params = { path: { session_id: session.id } };
        return data(api.PATCH("/api/v1/sessions/{session_id}", { params, body: toChange(draft, session, zone) }));
      }
      const body = toCreate(draft, zone);
      return data(api.POST("/api/v1/sessions", { body, params: { header: { "Idempotency-Key": attempts.keyFor(body) } } }));
    },
    onSuccess: async (saved) => {
      attempts.done();
      await client.invalidateQueries({ queryKey: ["sessions"] });
      onClose();
      if (!session) await navigate(`/sessions/${saved.id}`);
    },
  });
  const isRunning = session?.state === "active";
  return (
    <ConfirmDialog
      open
      title={session ? t("sessions.edit") : t("sessions.new")}
      action={session ? t("account.save") : t("sessions.plan")}
      disabled={!draft.courseId || !draft.day || !draft.start}
      pending={save.isPending}
      error={save.error}
      onConfirm={() => save.mutate()}
      onClose={onClose}
    >
      {!session && (
        <TextField select required label={t("sessions.course")} value={courses.data ? draft.courseId : ""} onChange={(event) => set({ courseId: event.target.value })}>
          {[...(courses.data?.values() ?? [])]
            .filter((course) => course.is_active)
            .map((course) => (
              <MenuItem key={course.id} value={course.id}>
                {courseLabel(course)}
              </MenuItem>
            ))}
        </TextField>
      )}
      <Stack direction={{ xs: "column", sm: "row" }} spacing={2}>
        <TextField type="date" required label={t("sessions.day")} value={draft.day} disabled={isRunning} onChange={(event) => set({ day: event.target.value })} slotProps={{ inputLabel: { shrink: true } }} />
        <TextField type="time" required label={t("sessions.from")} value={draft.start} disabled={isRunning} onChange={(event) => set({ start: event.target.value })} slotProps={{ inputLabel: { shrink: true } }} />
        <TextField type="time" label={t("sessions.until")} required={draft.automatic} value={draft.end} onChange={(event) => set({ end: event.target.value })} slotProps={{ inputLabel: { shrink: true } }} />
      </Stack>
      <Typography variant="body2" color="textSecondary">
        {t("sessions.clocks", { zone })}
      </Typography>
      <FormControlLabel control={<Switch checked={draft.automatic} onChange={(event) => set({ automatic: event.target.checked })} />} label={t("sessions.automaticLong")} />
      {!isRunning && (
        <TextField
          type="number"
          label={t("sessions.lateAfter")}
          helperText={session ? undefined : t("sessions.lateAfterHint")}
          value={draft.lateAfter}
          onChange={(event) => set({ lateAfter: event.target.value })}
          slotProps={{ htmlInput: { min: 0, max: 1440, inputMode: "numeric" } }}
        />
      )}
    </ConfirmDialog>
  );
}
