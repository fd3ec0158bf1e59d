import FormControl from "@mui/material/FormControl";
import FormControlLabel from "@mui/material/FormControlLabel";
import FormHelperText from "@mui/material/FormHelperText";
import Switch from "@mui/material/Switch";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { useOrganization } from "../../auth/organization";
import { SettingsForm } from "./SettingsForm";
import { changed } from "./settingsBody";

/** Who may enroll a face, and of whom. */
export function FaceSettings() {
  const { t } = useTranslation();
  const { id, settings } = useOrganization();
  const [needsConsent, setNeedsConsent] = useState(settings.consent_required);
  const [mayEnroll, setMayEnroll] = useState(settings.members_may_enroll);
  return (
    <SettingsForm
      title={t("settings.faces")}
      about={t("settings.facesAbout")}
      isChanged={needsConsent !== settings.consent_required || mayEnroll !== settings.members_may_enroll}
      save={() =>
        data(
          api.PUT("/api/v1/organizations/{organization_id}/settings", {
            params: { path: { organization_id: id } },
            body: changed(settings, { consent_required: needsConsent, members_may_enroll: mayEnroll }),
          }),
        )
      }
    >
      <FormControl>
        <FormControlLabel
          control={<Switch checked={needsConsent} onChange={(_, on) => setNeedsConsent(on)} />}
          label={t("settings.consent")}
        />
        <FormHelperText>{t("settings.consentAbout")}</FormHelperText>
      </FormControl>
      <FormControl>
        <FormControlLabel
          control={<Switch checked={mayEnroll} onChange={(_, on) => setMayEnroll(on)} />}
          label={t("settings.mayEnroll")}
        />
        <FormHelperText>{t("settings.mayEnrollAbout")}</FormHelperText>
      </FormControl>
    </SettingsForm>
  );
}
