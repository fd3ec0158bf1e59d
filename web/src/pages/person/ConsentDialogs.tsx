import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { useAttempts } from "../../api/idempotency";
import type { components } from "../../api/schema";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { useFormats } from "../../time/formats";
import { dayIn } from "../../time/zone";
import type { Person } from "../people/personFields";
import { signedAt } from "./signedAt";

/** The day on which something was said, and by which guardian where it was not the person. */
function useSaid() {
  const { t } = useTranslation();
  const { zone } = useFormats();
  const [today] = useState(() => dayIn(zone, new Date()));
  const [day, setDay] = useState(today);
  const [guardian, setGuardian] = useState("");
  const at = signedAt(day, today, zone);
  const fields = (
    <>
      <TextField
        label={t("person.consent.day")}
        type="date"
        required
        value={day}
        onChange={(event) => setDay(event.target.value)}
        slotProps={{ htmlInput: { max: today }, inputLabel: { shrink: true } }}
      />
      <TextField
        label={t("person.consent.guardian")}
        helperText={t("person.consent.guardianHint")}
        value={guardian}
        onChange={(event) => setGuardian(event.target.value)}
        slotProps={{ htmlInput: { maxLength: 200, dir: "auto" } }}
      />
    </>
  );
  return { fields, said: { ...(at && { at }), ...(guardian.trim() && { guardian: guardian.trim() }) } };
}

interface Props {
  person: Person;
  onClose: () => void;
}

export function GiveConsent({ person, versions, onClose }: Props & { versions: readonly (string | null | undefined)[] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const attempts = useAttempts();
  const { fields, said } = useSaid();
  const [version, setVersion] = useState(() => versions.findLast(Boolean) ?? localStorage.getItem(LAST_VERSION) ?? "");
  const give = useMutation({
    mutationFn: () => {
      const body = { version: version.trim(), ...said };
      return data(
        api.POST("/api/v1/people/{person_id}/consents", {
          params: { path: { person_id: person.id }, header: { "Idempotency-Key": attempts.keyFor(body) } },
          body,
        }),
      );
    },
    onSuccess: async () => {
      localStorage.setItem(LAST_VERSION, version.trim());
      await client.invalidateQueries({ queryKey: ["person", person.id] });
      await client.invalidateQueries({ queryKey: ["people"] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      title={t("person.consent.give")}
      action={t("person.consent.write")}
      disabled={!version.trim()}
      pending={give.isPending}
      error={give.error}
      onConfirm={() => give.mutate()}
      onClose={onClose}
    >
      <Typography>{t("person.consent.giveWhy")}</Typography>
      <TextField
        label={t("person.consent.version")}
        helperText={t("person.consent.versionHint")}
        required
        value={version}
        onChange={(event) => setVersion(event.target.value)}
        slotProps={{ htmlInput: { maxLength: 64, dir: "auto" } }}
      />
      {fields}
    </ConfirmDialog>
  );
}

/** The text is the same for everybody for years: the version that was written last is suggested. */
const LAST_VERSION = "rollcall.consentVersion";

export function WithdrawConsent({
  person,
  onClose,
  onErased,
}: Props & { onErased: (erased: components["schemas"]["ErasedFace"]) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { fields, said } = useSaid();
  const withdraw = useMutation({
    mutationFn: () =>
      data(api.POST("/api/v1/people/{person_id}/consents/withdraw", { params: { path: { person_id: person.id } }, body: said })),
    onSuccess: async ({ erased }) => {
      await client.invalidateQueries({ queryKey: ["person", person.id] });
      await client.invalidateQueries({ queryKey: ["people"] });
      onErased(erased);
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      title={t("person.consent.withdraw")}
      action={t("person.consent.withdraw")}
      danger
      pending={withdraw.isPending}
      error={withdraw.error}
      onConfirm={() => withdraw.mutate()}
      onClose={onClose}
    >
      <Typography>{t("person.consent.withdrawWhy")}</Typography>
      {fields}
    </ConfirmDialog>
  );
}
