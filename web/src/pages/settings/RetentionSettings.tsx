import Alert from "@mui/material/Alert";
import InputAdornment from "@mui/material/InputAdornment";
import TextField from "@mui/material/TextField";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { useOrganization } from "../../auth/organization";
import { SettingsForm } from "./SettingsForm";
import { KEPT, changed, isShorter, read, typed } from "./settingsBody";

/** How long what is kept. */
export function RetentionSettings() {
  const { t } = useTranslation();
  const { id, settings } = useOrganization();
  const [text, setText] = useState(() => typed(settings.retention));
  const before = typed(settings.retention);
  const isShort = isShorter(settings.retention, read(text));
  return (
    <SettingsForm
      title={t("settings.retention")}
      about={t("settings.retentionAbout")}
      isChanged={KEPT.some((one) => text[one] !== before[one])}
      save={() =>
        data(
          api.PUT("/api/v1/organizations/{organization_id}/settings", {
            params: { path: { organization_id: id } },
            body: changed(settings, { retention: read(text) }),
          }),
        )
      }
    >
      {KEPT.map((one) => (
        <TextField
          key={one}
          type="number"
          label={t(`settings.kept.${one}.name`)}
          helperText={t(`settings.kept.${one}.about`)}
          placeholder={t("settings.forever")}
          value={text[one]}
          onChange={(event) => setText({ ...text, [one]: event.target.value })}
          slotProps={{
            htmlInput: { min: 1, max: 36_500, step: 1 },
            inputLabel: { shrink: true },
            input: { endAdornment: <InputAdornment position="end">{t("settings.daysUnit")}</InputAdornment> },
          }}
          sx={{ maxWidth: 420 }}
        />
      ))}
      {isShort && <Alert severity="warning">{t("settings.shorter")}</Alert>}
    </SettingsForm>
  );
}
