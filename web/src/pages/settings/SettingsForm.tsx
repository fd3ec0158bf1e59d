import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Organization } from "../../auth/organization";
import { Section } from "../../parts/Section";
import { ProblemNote } from "../../parts/states";

/** A part of the settings that is saved by itself. */
export function SettingsForm({
  title,
  about,
  isChanged,
  save,
  children,
}: {
  title: string;
  about: string;
  isChanged: boolean;
  save: () => Promise<Organization>;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const saving = useMutation({
    mutationFn: save,
    onSuccess: (saved) => {
      client.setQueryData(["organization", saved.id], saved);
      void client.invalidateQueries({ queryKey: ["organizations"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Section title={title} about={about}>
      <Stack component="form" spacing={2} onSubmit={submit}>
        {children}
        {saving.error && <ProblemNote error={saving.error} />}
        {saving.isSuccess && !isChanged && <Alert severity="success">{t("settings.saved")}</Alert>}
        <Button type="submit" variant="contained" loading={saving.isPending} disabled={!isChanged} sx={{ alignSelf: "start" }}>
          {t("settings.save")}
        </Button>
      </Stack>
    </Section>
  );
}
