import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../api/client";
import { welcome } from "../api/session";
import { ProblemNote } from "../parts/states";
import { Door } from "./Door";

/** For somebody whose password somebody else chose: nothing else is open to them. */
export function ChoosePassword() {
  const { t } = useTranslation();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/users/me/password", {
          body: { current_password: current, new_password: next, cookie: true },
        }),
      ),
    onSuccess: (answer) => welcome(answer),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Door title={t("account.choosePassword")}>
      <Stack component="form" spacing={2} onSubmit={submit}>
        <Typography color="textSecondary">{t("account.choosePasswordWhy")}</Typography>
        <TextField
          label={t("account.currentPassword")}
          type="password"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <TextField
          label={t("account.newPassword")}
          type="password"
          autoComplete="new-password"
          required
          slotProps={{ htmlInput: { minLength: 12 } }}
          value={next}
          onChange={(event) => setNext(event.target.value)}
        />
        {change.error && <ProblemNote error={change.error} />}
        <Button type="submit" variant="contained" loading={change.isPending}>
          {t("account.save")}
        </Button>
      </Stack>
    </Door>
  );
}
