import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useTranslation } from "react-i18next";

import type { Role } from "../../auth/user";

export const ROLES: readonly Role[] = ["admin", "teacher", "member"];

export function RoleField({ value, onChange, isDisabled = false }: { value: Role; onChange: (role: Role) => void; isDisabled?: boolean }) {
  const { t } = useTranslation();
  return (
    <TextField
      select
      label={t("users.role")}
      helperText={t(`users.roleAbout.${value}`)}
      disabled={isDisabled}
      value={value}
      onChange={(event) => onChange(event.target.value as Role)}
    >
      {ROLES.map((role) => (
        <MenuItem key={role} value={role}>
          {t(`role.${role}`)}
        </MenuItem>
      ))}
    </TextField>
  );
}
