import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import { useTranslation } from "react-i18next";

import { CopyButton } from "../../parts/CopyButton";
import { drawPassword } from "./password";

/** A password for somebody else: it is read, since it has to be told to them. */
export function PasswordField({ label, value, onChange }: { label: string; value: string; onChange: (text: string) => void }) {
  const { t } = useTranslation();
  return (
    <Stack spacing={1}>
      <TextField
        label={label}
        helperText={t("users.passwordHelp")}
        required
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        slotProps={{ htmlInput: { minLength: 12, dir: "ltr", spellCheck: false, autoCapitalize: "off" } }}
      />
      <Stack direction="row" spacing={1}>
        <Button size="small" variant="outlined" onClick={() => onChange(drawPassword())}>
          {t("users.draw")}
        </Button>
        {value && <CopyButton text={value} />}
      </Stack>
    </Stack>
  );
}
