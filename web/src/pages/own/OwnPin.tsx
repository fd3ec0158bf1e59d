import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { api } from "../../api/client";
import { Section } from "../../parts/Section";
import { ProblemNote } from "../../parts/states";

/** The PIN by which one checks in at a kiosk without one's face. */
export function OwnPin() {
  const { t } = useTranslation();
  const [pin, setPin] = useState("");
  const set = useMutation({
    mutationFn: () => api.PUT("/api/v1/users/me/pin", { body: { pin } }),
    onSuccess: () => {
      remove.reset();
      setPin("");
    },
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/users/me/pin"),
    onSuccess: () => set.reset(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate();
  };
  return (
    <Section title={t("own.pin")} about={t("own.pinAbout")}>
      <Stack component="form" direction={{ xs: "column", sm: "row" }} spacing={2} onSubmit={submit} sx={{ alignItems: { sm: "start" } }}>
        <TextField
          label={t("own.newPin")}
          helperText={t("own.pinHelp")}
          required
          type="password"
          autoComplete="off"
          value={pin}
          onChange={(event) => setPin(event.target.value.replaceAll(/\D/g, ""))}
          slotProps={{ htmlInput: { inputMode: "numeric", minLength: 4, maxLength: 8, pattern: "[0-9]{4,8}", dir: "ltr" } }}
          sx={{ maxWidth: { sm: 260 } }}
        />
        <Button type="submit" variant="outlined" loading={set.isPending}>
          {t("own.setPin")}
        </Button>
        <Button color="error" loading={remove.isPending} onClick={() => remove.mutate()}>
          {t("own.removePin")}
        </Button>
      </Stack>
      <Stack spacing={1} sx={{ mt: 1 }}>
        {set.error && <ProblemNote error={set.error} />}
        {remove.error && <ProblemNote error={remove.error} />}
        {set.isSuccess && <Alert severity="success">{t("own.pinSet")}</Alert>}
        {remove.isSuccess && <Alert severity="success">{t("own.pinRemoved")}</Alert>}
      </Stack>
    </Section>
  );
}
