// What administrators do with users, each in a dialog.

import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api } from "../../api/client";
import { type Role, type User, useUser } from "../../auth/user";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { PasswordField } from "./PasswordField";
import { PersonField } from "./PersonField";
import { RoleField } from "./RoleField";

function useDone(onClose: () => void) {
  const client = useQueryClient();
  return async () => {
    await client.invalidateQueries({ queryKey: ["users"] });
    await client.invalidateQueries({ queryKey: ["me"] });
    onClose();
  };
}

export function NewUser({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("teacher");
  const [personId, setPersonId] = useState<string | null>(null);
  const [password, setPassword] = useState("");
  const make = useMutation({
    mutationFn: () => {
      const body = { email, role, password, person_id: personId, must_change_password: true };
      return api.POST("/api/v1/users", { body });
    },
    onSuccess: useDone(onClose),
  });
  return (
    <ConfirmDialog
      open
      title={t("users.add")}
      action={t("users.add")}
      pending={make.isPending}
      error={make.error}
      onConfirm={() => make.mutate()}
      onClose={onClose}
    >
      <EmailField value={email} onChange={setEmail} />
      <RoleField value={role} onChange={setRole} />
      <PersonField id={personId} onChange={setPersonId} />
      <PasswordField label={t("users.password")} value={password} onChange={setPassword} />
    </ConfirmDialog>
  );
}

export function ChangeUser({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  const isMe = useUser().id === user.id;
  const [email, setEmail] = useState(user.email);
  const [role, setRole] = useState<Role>(user.role);
  const [personId, setPersonId] = useState<string | null>(user.person_id ?? null);
  const change = useMutation({
    mutationFn: () =>
      api.PATCH("/api/v1/users/{user_id}", {
        params: { path: { user_id: user.id } },
        // Only what was changed, so that nobody's change of another field is undone.
        body: {
          ...(email !== user.email && { email }),
          ...(role !== user.role && { role }),
          ...(personId !== (user.person_id ?? null) && { person_id: personId }),
        },
      }),
    onSuccess: useDone(onClose),
  });
  return (
    <ConfirmDialog
      open
      title={t("users.changeOne", { email: user.email })}
      action={t("users.save")}
      pending={change.isPending}
      error={change.error}
      onConfirm={() => change.mutate()}
      onClose={onClose}
    >
      <EmailField value={email} onChange={setEmail} />
      <RoleField value={role} onChange={setRole} isDisabled={isMe} />
      <PersonField id={personId} onChange={setPersonId} />
    </ConfirmDialog>
  );
}

function EmailField({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const { t } = useTranslation();
  return (
    <TextField
      label={t("users.email")}
      type="email"
      required
      autoFocus
      autoComplete="off"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      slotProps={{ htmlInput: { dir: "ltr" } }}
    />
  );
}

export function ResetPassword({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const reset = useMutation({
    mutationFn: () =>
      api.POST("/api/v1/users/{user_id}/reset-password", {
        params: { path: { user_id: user.id } },
        body: { new_password: password },
      }),
    onSuccess: useDone(onClose),
  });
  return (
    <ConfirmDialog
      open
      title={t("users.resetOne", { email: user.email })}
      action={t("users.save")}
      pending={reset.isPending}
      error={reset.error}
      onConfirm={() => reset.mutate()}
      onClose={onClose}
    >
      <Typography>{t("users.resetAbout")}</Typography>
      <PasswordField label={t("users.newPassword")} value={password} onChange={setPassword} />
    </ConfirmDialog>
  );
}

export function DisableUser({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  const disable = useMutation({
    mutationFn: () =>
      api.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: user.id } }, body: { disabled: true } }),
    onSuccess: useDone(onClose),
  });
  return (
    <ConfirmDialog
      open
      title={t("users.disableOne", { email: user.email })}
      action={t("users.disable")}
      danger
      pending={disable.isPending}
      error={disable.error}
      onConfirm={() => disable.mutate()}
      onClose={onClose}
    >
      <Typography>{t("users.disableAbout")}</Typography>
    </ConfirmDialog>
  );
}

export function DeleteUser({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/users/{user_id}", { params: { path: { user_id: user.id } } }),
    onSuccess: useDone(onClose),
  });
  return (
    <ConfirmDialog
      open
      title={t("users.deleteOne", { email: user.email })}
      action={t("users.delete")}
      danger
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <Typography>{t("users.deleteAbout")}</Typography>
    </ConfirmDialog>
  );
}
