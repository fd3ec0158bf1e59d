import FormControlLabel from "@mui/material/FormControlLabel";
import Stack from "@mui/material/Stack";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { api, data } from "../../api/client";
import { useAttempts } from "../../api/idempotency";
import type { Course } from "../../courses/queries";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { ZoneField } from "../../parts/ZoneField";
import { useFormats } from "../../time/formats";

/** Makes a course, or changes what is said of it. */
export function CourseDialog({ course, onClose }: { course?: Course; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const attempts = useAttempts();
  const site = useFormats();
  const [code, setCode] = useState(course?.code ?? "");
  const [section, setSection] = useState(course?.section ?? "");
  const [title, setTitle] = useState(course?.title ?? "");
  const [zone, setZone] = useState<string | null>(course?.time_zone ?? null);
  const [isActive, setActive] = useState(course?.is_active ?? true);
  const save = useMutation({
    mutationFn: () => {
      const facts = { code: code.trim(), section: section.trim(), title: title.trim(), time_zone: zone };
      if (course) return data(api.PATCH("/api/v1/courses/{course_id}", { params: { path: { course_id: course.id } }, body: { ...facts, is_active: isActive } }));
      return data(api.POST("/api/v1/courses", { params: { header: { "Idempotency-Key": attempts.keyFor(facts) } }, body: facts }));
    },
    onSuccess: async (saved) => {
      attempts.done();
      await client.invalidateQueries({ queryKey: ["courses"] });
      onClose();
      if (!course) await navigate(`/courses/${saved.id}`);
    },
  });
  return (
    <ConfirmDialog
      open
      title={t(course ? "courses.edit" : "courses.new")}
      action={t("account.save")}
      disabled={!code.trim() || !title.trim()}
      pending={save.isPending}
      error={save.error}
      onConfirm={() => save.mutate()}
      onClose={onClose}
    >
      <TextField label={t("courses.name")} required autoFocus value={title} onChange={(event) => setTitle(event.target.value)} slotProps={{ htmlInput: { maxLength: 200 } }} />
      <Stack direction={{ xs: "column", sm: "row" }} spacing={2}>
        <TextField label={t("courses.code")} required value={code} onChange={(event) => setCode(event.target.value)} slotProps={{ htmlInput: { maxLength: 64 } }} />
        <TextField label={t("courses.section")} value={section} onChange={(event) => setSection(event.target.value)} slotProps={{ htmlInput: { maxLength: 64 } }} />
      </Stack>
      <ZoneField value={zone ?? ""} onChange={(next) => setZone(next || null)} otherwise={site.zone} />
      {course && <FormControlLabel control={<Switch checked={isActive} onChange={(event) => setActive(event.target.checked)} />} label={t("courses.isActive")} />}
    </ConfirmDialog>
  );
}
