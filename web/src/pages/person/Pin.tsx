import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api } from "../../api/client";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { Section } from "../../parts/Section";
import { ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import type { Person } from "../people/personFields";
import { usePin } from "./queries";

/** The PIN of a person, by which they check in where no camera is. It can be set and taken away, never shown. */
export function Pin({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const client = useQueryClient();
  const known = usePin(person.id);
  const again = () => client.invalidateQueries({ queryKey: ["person", person.id, "pin"] });
  const [ask, setAsk] = useState<"set" | "remove" | null>(null);
  const [pin, setPin] = useState("");
  const [done, setDone] = useState<"set" | "removed" | null>(null);
  const path = { person_id: person.id };
  const close = () => {
    setAsk(null);
    setPin("");
  };
  const set = useMutation({
    mutationFn: () => api.PUT("/api/v1/people/{person_id}/pin", { params: { path }, body: { pin } }),
    onSuccess: () => {
      setDone("set");
      close();
      return again();
    },
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/people/{person_id}/pin", { params: { path } }),
    onSuccess: () => {
      setDone("removed");
      close();
      return again();
    },
  });
  const actions = (
    <>
      <Button onClick={() => setAsk("set")}>{t(known.data?.is_set ? "person.pin.replace" : "person.pin.set")}</Button>
      {known.data?.is_set !== false && (
        <Button color="inherit" onClick={() => setAsk("remove")}>
          {t("person.pin.remove")}
        </Button>
      )}
    </>
  );
  return (
    <Section title={t("person.pin.title")} actions={actions}>
      {known.error && <ProblemNote error={known.error} retry={() => void known.refetch()} />}
      {known.data && (
        <Typography>{known.data.set_at ? t("person.pin.since", { at: dateTime(known.data.set_at) }) : t(known.data.is_set ? "person.pin.done.set" : "person.pin.unset")}</Typography>
      )}
      <Typography variant="body2" color="textSecondary">
        {t("person.pin.why")}
      </Typography>
      {done && (
        <Alert severity="success" sx={{ mt: 2 }} onClose={() => setDone(null)}>
          {t(`person.pin.done.${done}`)}
        </Alert>
      )}
      <ConfirmDialog
        open={ask === "set"}
        title={t("person.pin.set")}
        action={t("person.save")}
        disabled={!/^[0-9]{4,8}$/.test(pin)}
        pending={set.isPending}
        error={set.error}
        onConfirm={() => set.mutate()}
        onClose={close}
      >
        <TextField
          label={t("person.pin.label")}
          helperText={t("person.pin.hint")}
          value={pin}
          onChange={(event) => setPin(event.target.value.replace(/[^0-9]/g, ""))}
          autoFocus
          autoComplete="off"
          slotProps={{ htmlInput: { inputMode: "numeric", maxLength: 8, dir: "ltr" } }}
        />
      </ConfirmDialog>
      <ConfirmDialog
        open={ask === "remove"}
        title={t("person.pin.remove")}
        action={t("person.pin.remove")}
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={close}
      >
        <Typography>{t("person.pin.removeWhy")}</Typography>
      </ConfirmDialog>
    </Section>
  );
}
