import Chip from "@mui/material/Chip";
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

/** What is on record last about somebody's consent. */
export function ConsentChip({ consent }: { consent: Person["consent"] }) {
  const { t } = useTranslation();
  const color = consent === "given" ? "success" : consent === "withdrawn" ? "error" : "default";
  return <Chip size="small" variant="outlined" color={color} label={t(`people.choices.consent.${consent ?? "none"}`)} />;
}
