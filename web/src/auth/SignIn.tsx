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

/** `again`: over a page whose login has ended. */
export function SignIn({ again = false }: { again?: boolean }) {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => data(api.POST("/api/v1/auth/login", { body: { email, password, cookie: true } })),
    onSuccess: (answer) => welcome(answer),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <Door title={t("account.signIn")}>
      <Stack component="form" spacing={2} onSubmit={submit}>
        {again && <Typography color="textSecondary">{t("account.again")}</Typography>}
        <TextField
          label={t("account.email")}
          type="email"
          autoComplete="username"
          autoFocus
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <TextField
          label={t("account.password")}
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {signIn.error && <ProblemNote error={signIn.error} />}
        <Button type="submit" variant="contained" loading={signIn.isPending}>
          {t("account.signIn")}
        </Button>
      </Stack>
    </Door>
  );
}
