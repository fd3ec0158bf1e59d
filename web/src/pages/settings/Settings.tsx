import Stack from "@mui/material/Stack";
import { useTranslation } from "react-i18next";

import { useOrganization } from "../../auth/organization";
import { Page } from "../../parts/Page";
import { FaceSettings } from "./FaceSettings";
import { NameSettings } from "./NameSettings";
import { RecognitionSettings } from "./RecognitionSettings";
import { RetentionSettings } from "./RetentionSettings";

/** What holds for the whole organization. Each part is saved by itself. */
export function Settings() {
  const { t } = useTranslation();
  const { id } = useOrganization();
  return (
    <Page title={t("settings.title")}>
      <Stack key={id} spacing={3} sx={{ maxWidth: 860 }}>
        <NameSettings />
        <RecognitionSettings />
        <FaceSettings />
        <RetentionSettings />
      </Stack>
    </Page>
  );
}
