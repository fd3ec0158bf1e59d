import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Trans, useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { api, data } from "../../api/client";
import { useAttempts } from "../../api/idempotency";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { Section } from "../../parts/Section";
import type { Person } from "../people/personFields";

interface EraseProps {
  person: Pick<Person, "id" | "external_id" | "name">;
  onClose: () => void;
}

/** Asks for the person's number before everything about them goes; then their receipt is shown. */
export function EraseDialog({ person, onClose }: EraseProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const attempts = useAttempts();
  const [typed, setTyped] = useState("");
  const erase = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/people/{person_id}/erasure", {
          params: { path: { person_id: person.id }, header: { "Idempotency-Key": attempts.keyFor(person.id) } },
        }),
      ),
    onSuccess: async (signed) => {
      const { id } = signed.receipt;
      client.setQueryData(["erasure-receipt", id], signed);
      await navigate(`/erasures?tab=receipts&receipt=${id}`, { replace: true });
      // Nothing of the person is kept here either.
      client.removeQueries({ queryKey: ["person", person.id] });
      await client.invalidateQueries({ queryKey: ["people"] });
      await client.invalidateQueries({ queryKey: ["erasure-requests"] });
      await client.invalidateQueries({ queryKey: ["erasure-receipts"] });
    },
  });
  return (
    <ConfirmDialog
      open
      title={t("erasure.eraseTitle", { name: person.name })}
      action={t("erasure.erase")}
      danger
      disabled={typed.trim() !== person.external_id}
      pending={erase.isPending}
      error={erase.error}
      onConfirm={() => erase.mutate()}
      onClose={onClose}
    >
      <Typography>{t("erasure.what")}</Typography>
      <Typography sx={{ fontWeight: 650 }}>{t("erasure.forGood")}</Typography>
      <Typography>
        <Trans i18nKey="erasure.type" values={{ number: person.external_id }} components={{ number: <strong dir="ltr" /> }} />
      </Typography>
      <TextField
        label={t("person.fields.external_id")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        autoComplete="off"
        autoFocus
        slotProps={{ htmlInput: { dir: "ltr" } }}
      />
    </ConfirmDialog>
  );
}

export function Erase({ person }: { person: Person }) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  const actions = (
    <Button color="error" variant="outlined" onClick={() => setAsking(true)}>
      {t("erasure.erase")}
    </Button>
  );
  return (
    <Section title={t("erasure.title")} actions={actions}>
      <Typography variant="body2" color="textSecondary">
        {t("erasure.what")} {t("erasure.inactiveInstead")}
      </Typography>
      {isAsking && <EraseDialog person={person} onClose={() => setAsking(false)} />}
    </Section>
  );
}
