import FormControlLabel from "@mui/material/FormControlLabel";
import Grid from "@mui/material/Grid";
import MenuItem from "@mui/material/MenuItem";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { useAttempts } from "../../api/idempotency";
import { Problem } from "../../api/problem";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { CHOICES } from "./filters";
import { type Draft, NOBODY, type Person, type PersonKind, draftOf, fieldOf, newPerson, personChange } from "./personFields";

interface Props {
  /** Who is changed; nobody to register somebody. */
  person?: Person;
  onClose: () => void;
  onSaved: (person: Person) => void;
}

const LENGTHS = { external_id: 64, name: 200, second_id: 64, email: 254, phone: 40, class: 64, section: 64, notes: 2000 } as const;

/** Registers or changes a person. */
export function PersonForm({ person, onClose, onSaved }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const attempts = useAttempts();
  const [draft, setDraft] = useState<Draft>(() => (person ? draftOf(person) : NOBODY));
  const save = useMutation({
    mutationFn: () => {
      if (person) {
        const path = { person_id: person.id };
        return data(api.PATCH("/api/v1/people/{person_id}", { params: { path }, body: personChange(person, draft) }));
      }
      const body = newPerson(draft);
      return data(api.POST("/api/v1/people", { params: { header: { "Idempotency-Key": attempts.keyFor(body) } }, body }));
    },
    onSuccess: async (saved) => {
      client.setQueryData(["person", saved.id], saved);
      await client.invalidateQueries({ queryKey: ["people"] });
      onSaved(saved);
    },
  });
  const errors = new Map(save.error instanceof Problem ? save.error.errors.map((one) => [fieldOf(one.pointer), one.detail]) : []);
  const field = (name: keyof typeof LENGTHS, more?: { required?: boolean; type?: string; multiline?: boolean; ltr?: boolean }) => (
    <TextField
      label={t(`person.fields.${name}`)}
      value={draft[name]}
      onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
      required={more?.required ?? false}
      type={more?.type ?? "text"}
      multiline={more?.multiline ?? false}
      error={errors.has(name)}
      helperText={errors.get(name)}
      slotProps={{ htmlInput: { maxLength: LENGTHS[name], dir: more?.ltr ? "ltr" : "auto" } }}
    />
  );
  return (
    <ConfirmDialog
      open
      title={person ? t("person.edit") : t("people.add")}
      action={person ? t("person.save") : t("people.add")}
      pending={save.isPending}
      error={save.error}
      onConfirm={() => save.mutate()}
      onClose={onClose}
    >
      <Grid container spacing={2}>
        <Grid size={{ xs: 12, sm: 8 }}>{field("name", { required: true })}</Grid>
        <Grid size={{ xs: 12, sm: 4 }}>
          <TextField
            select
            label={t("people.kind")}
            value={draft.kind}
            onChange={(event) => setDraft({ ...draft, kind: event.target.value as PersonKind })}
          >
            {CHOICES.kind.map((kind) => (
              <MenuItem key={kind} value={kind}>
                {t(`people.kinds.${kind}`)}
              </MenuItem>
            ))}
          </TextField>
        </Grid>
        <Grid size={{ xs: 12, sm: 6 }}>{field("external_id", { required: true })}</Grid>
        <Grid size={{ xs: 12, sm: 6 }}>{field("second_id")}</Grid>
        <Grid size={{ xs: 6 }}>{field("class")}</Grid>
        <Grid size={{ xs: 6 }}>{field("section")}</Grid>
        <Grid size={{ xs: 12, sm: 6 }}>{field("email", { type: "email", ltr: true })}</Grid>
        <Grid size={{ xs: 12, sm: 6 }}>{field("phone", { type: "tel", ltr: true })}</Grid>
        <Grid size={12}>{field("notes", { multiline: true })}</Grid>
        <Grid size={12}>
          <FormControlLabel
            control={<Switch checked={draft.is_active} onChange={(_, checked) => setDraft({ ...draft, is_active: checked })} />}
            label={draft.is_active ? t("person.isActive") : t("person.isInactive")}
          />
        </Grid>
      </Grid>
    </ConfirmDialog>
  );
}
