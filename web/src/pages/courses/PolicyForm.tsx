import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import FormControlLabel from "@mui/material/FormControlLabel";
import MenuItem from "@mui/material/MenuItem";
import Stack from "@mui/material/Stack";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { type Course, courseQuery } from "../../courses/queries";
import { Facts } from "../../parts/Facts";
import { RateDial } from "../../parts/RateDial";
import { Section } from "../../parts/Section";
import { ProblemNote } from "../../parts/states";
import { BOUNDS, NUMBERS, draftOf, policyFacts, policyOf } from "./policy";

const LIVENESS = ["off", "warn", "required"] as const;

/** The rules of the course: when an arrival counts and how, and how sure recognition must be. */
export function PolicyForm({ course, mayChange }: { course: Course; mayChange: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(course.policy));
  const set = (change: Partial<typeof draft>) => {
    save.reset();
    setDraft((before) => ({ ...before, ...change }));
  };
  const save = useMutation({
    mutationFn: () => data(api.PUT("/api/v1/courses/{course_id}/policy", { params: { path: { course_id: course.id } }, body: policyOf(draft) })),
    onSuccess: (saved) => {
      client.setQueryData(courseQuery(course.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: ["sessions"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  if (!mayChange) {
    return (
      <Section title={t("courses.policy.attendance")}>
        <Facts facts={policyFacts(course.policy, t)} />
      </Section>
    );
  }
  return (
    <Stack component="form" spacing={2} onSubmit={submit}>
      <Section title={t("courses.policy.attendance")} about={t("courses.policy.attendanceWhat")}>
        <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "repeat(auto-fill, minmax(min(260px, 100%), 1fr))" }}>
          {NUMBERS.map((field) => (
            <TextField
              key={field}
              type="number"
              label={t(`courses.policy.${field}`)}
              helperText={t("courses.policy.empty", { what: t(`courses.policy.none.${field}`) })}
              value={draft[field]}
              onChange={(event) => set({ [field]: event.target.value })}
              slotProps={{ inputLabel: { shrink: true }, htmlInput: { min: BOUNDS[field][0], max: BOUNDS[field][1], step: 1, inputMode: "numeric" } }}
            />
          ))}
          <TextField select label={t("courses.policy.mode")} helperText={t(`courses.policy.modesWhat.${draft.mode}`)} value={draft.mode} onChange={(event) => set({ mode: event.target.value as typeof draft.mode })}>
            {(["presence", "check_in_out"] as const).map((mode) => (
              <MenuItem key={mode} value={mode}>
                {t(`courses.policy.modes.${mode}`)}
              </MenuItem>
            ))}
          </TextField>
          <FormControlLabel control={<Switch checked={draft.once_per_session} onChange={(event) => set({ once_per_session: event.target.checked })} />} label={t("courses.policy.once")} />
        </Box>
      </Section>
      <Section title={t("courses.policy.recognition")} about={t("courses.policy.recognitionWhat")}>
        <Stack spacing={3}>
          <Box>
            <Typography variant="h3">{t("settings.rate")}</Typography>
            <RateDial
              rate={draft.false_match_rate}
              onChange={(rate) => set({ false_match_rate: rate })}
              own={t("courses.policy.ownRate")}
              otherwise={t("courses.policy.asOrganization")}
            />
          </Box>
          <TextField select label={t("courses.policy.liveness")} helperText={t("courses.policy.livenessWhat")} value={draft.liveness ?? ""} onChange={(event) => set({ liveness: LIVENESS.find((one) => one === event.target.value) ?? null })} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }} sx={{ maxWidth: 420 }}>
            <MenuItem value="">{t("courses.policy.asOrganization")}</MenuItem>
            {LIVENESS.map((one) => (
              <MenuItem key={one} value={one}>
                {t(`settings.livenessIs.${one}.name`)}
              </MenuItem>
            ))}
          </TextField>
        </Stack>
      </Section>
      {save.error && <ProblemNote error={save.error} />}
      {save.isSuccess && <Alert severity="success">{t("courses.policy.saved")}</Alert>}
      <Box>
        <Button type="submit" variant="contained" loading={save.isPending}>
          {t("account.save")}
        </Button>
      </Box>
    </Stack>
  );
}
