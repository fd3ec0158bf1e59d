import Chip from "@mui/material/Chip";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";

import type { Person } from "./personFields";

export function StatusChip({ isActive }: { isActive: boolean }) {
  const { t } = useTranslation();
  return (
    <Chip
      size="small"
      variant="outlined"
      color={isActive ? "success" : "default"}
      label={isActive ? t("people.active") : t("people.inactive")}
    />
  );
}

/** Whether somebody's face is enrolled, for a column of a table. */
export function FaceCell({ isEnrolled }: { isEnrolled: boolean }) {
  const { t } = useTranslation();
  if (isEnrolled) return <Chip size="small" variant="outlined" color="success" label={t("people.enrolled")} />;
  return (
    <Typography variant="body2" color="textSecondary">
      {t("people.notEnrolled")}
    </Typography>
  );
}

/** Consent for a column of a table, where most have said nothing. */
export function ConsentCell({ consent }: { consent: Person["consent"] }) {
  const { t } = useTranslation();
  if (consent) return <ConsentChip consent={consent} />;
  return (
    <Typography variant="body2" color="textSecondary">
      {t("people.noConsent")}
    </Typography>
  );
}

/** What is on record last about somebody's consent. */
export function ConsentChip({ consent }: { consent: Person["consent"] }) {
  const { t } = useTranslation();
  const color = consent === "given" ? "success" : consent === "withdrawn" ? "error" : "default";
  return <Chip size="small" variant="outlined" color={color} label={t(`people.choices.consent.${consent ?? "none"}`)} />;
}
