import Button from "@mui/material/Button";
import FormControlLabel from "@mui/material/FormControlLabel";
import Stack from "@mui/material/Stack";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { useAttempts } from "../../api/idempotency";
import type { Course, Series } from "../../courses/queries";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { useFormats } from "../../time/formats";
import { SeriesPreview } from "./SeriesPreview";
import { WEEKDAYS, type Weekly, ruleOf, weekdayName, weeklyOf } from "./rule";

/** Makes a series, or changes one; what it comes to is shown before it is. */
export function SeriesDialog({ course, series, onClose }: { course: Course; series?: Series; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const attempts = useAttempts();
  const clock = useFormats(course.time_zone);
  const [weekly, setWeekly] = useState<Weekly>(() => (series && weeklyOf(series.rule)) ?? { days: ["MO"], interval: 1, until: "" });
  const [own, setOwn] = useState<string | null>(() => (series && !weeklyOf(series.rule) ? series.rule : null));
  const [startsOn, setStartsOn] = useState(series?.starts_on ?? clock.today());
  const [time, setTime] = useState(series?.start_time.slice(0, 5) ?? "08:00");
  const [minutes, setMinutes] = useState(String(series?.duration_minutes ?? 90));
  const [automatic, setAutomatic] = useState(series?.automatic ?? true);
  const body = { rule: own ?? ruleOf(weekly), starts_on: startsOn, start_time: `${time}:00`, duration_minutes: Number(minutes), automatic };
  const isWhole = (own === null ? weekly.days.length > 0 : own.trim() !== "") && startsOn !== "" && time !== "" && Number(minutes) >= 1;
  const path = { course_id: course.id };
  const preview = useMutation({ mutationFn: () => data(api.POST("/api/v1/courses/{course_id}/series/preview", { params: { path }, body })) });
  const save = useMutation({
    mutationFn: () =>
      series
        ? data(api.PATCH("/api/v1/series/{series_id}", { params: { path: { series_id: series.id } }, body }))
        : data(api.POST("/api/v1/courses/{course_id}/series", { params: { path, header: { "Idempotency-Key": attempts.keyFor(body) } }, body })),
    onSuccess: async () => {
      attempts.done();
      await client.invalidateQueries({ queryKey: ["courses", course.id, "series"] });
      await client.invalidateQueries({ queryKey: ["sessions"] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      title={t(series ? "courses.series.change" : "courses.series.new")}
      action={t("account.save")}
      disabled={!isWhole}
      pending={save.isPending}
      error={save.error ?? preview.error}
      onConfirm={() => save.mutate()}
      onClose={onClose}
    >
      <FormControlLabel control={<Switch checked={own !== null} onChange={(event) => setOwn(event.target.checked ? ruleOf(weekly) : null)} />} label={t("courses.series.own")} />
      {own === null ? (
        <>
          <ToggleButtonGroup size="small" value={weekly.days} onChange={(_, days: Weekly["days"]) => setWeekly({ ...weekly, days })} aria-label={t("courses.series.days")} sx={{ flexWrap: "wrap" }}>
            {WEEKDAYS.map((day) => (
              <ToggleButton key={day} value={day} aria-label={weekdayName(day, i18n.language, "long")}>
                {weekdayName(day, i18n.language)}
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
          <Stack direction={{ xs: "column", sm: "row" }} spacing={2}>
            <TextField type="number" label={t("courses.series.interval")} value={weekly.interval} onChange={(event) => setWeekly({ ...weekly, interval: Number(event.target.value) })} slotProps={{ htmlInput: { min: 1, max: 366 } }} />
            <TextField type="date" label={t("courses.series.until")} value={weekly.until} onChange={(event) => setWeekly({ ...weekly, until: event.target.value })} slotProps={{ inputLabel: { shrink: true } }} />
          </Stack>
        </>
      ) : (
        <TextField label={t("courses.series.rule")} helperText={t("courses.series.ruleWhat")} value={own} onChange={(event) => setOwn(event.target.value)} slotProps={{ htmlInput: { dir: "ltr", maxLength: 300 } }} />
      )}
      <Stack direction={{ xs: "column", sm: "row" }} spacing={2}>
        <TextField type="date" required label={t("courses.series.startsOn")} value={startsOn} onChange={(event) => setStartsOn(event.target.value)} slotProps={{ inputLabel: { shrink: true } }} />
        <TextField type="time" required label={t("courses.series.time")} value={time} onChange={(event) => setTime(event.target.value)} slotProps={{ inputLabel: { shrink: true } }} />
        <TextField type="number" required label={t("courses.series.minutes")} value={minutes} onChange={(event) => setMinutes(event.target.value)} slotProps={{ htmlInput: { min: 1, max: 1440 } }} />
      </Stack>
      <FormControlLabel control={<Switch checked={automatic} onChange={(event) => setAutomatic(event.target.checked)} />} label={t("sessions.automaticShort")} />
      <Typography variant="body2" color="textSecondary">
        {t("courses.series.clocks", { zone: clock.zone })}
      </Typography>
      <Button variant="outlined" onClick={() => preview.mutate()} disabled={!isWhole} loading={preview.isPending} sx={{ alignSelf: "start" }}>
        {t("courses.series.preview")}
      </Button>
      {preview.data && <SeriesPreview preview={preview.data} />}
    </ConfirmDialog>
  );
}
