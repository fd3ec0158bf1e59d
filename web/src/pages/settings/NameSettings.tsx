import TextField from "@mui/material/TextField";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { useOrganization } from "../../auth/organization";
import { ZoneField } from "../../parts/ZoneField";
import { SettingsForm } from "./SettingsForm";

export function NameSettings() {
  const { t } = useTranslation();
  const organization = useOrganization();
  const [name, setName] = useState(organization.name);
  const [zone, setZone] = useState(organization.time_zone);
  return (
    <SettingsForm
      title={t("settings.name")}
      about={t("settings.nameAbout")}
      isChanged={name !== organization.name || zone !== organization.time_zone}
      save={() =>
        data(
          api.PATCH("/api/v1/organizations/{organization_id}", {
            params: { path: { organization_id: organization.id } },
            body: { name, time_zone: zone },
          }),
        )
      }
    >
      <TextField
        label={t("organizations.name")}
        required
        value={name}
        onChange={(event) => setName(event.target.value)}
        slotProps={{ htmlInput: { maxLength: 200, dir: "auto" } }}
      />
      <ZoneField value={zone} onChange={setZone} />
    </SettingsForm>
  );
}
