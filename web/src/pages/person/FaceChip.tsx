import Chip from "@mui/material/Chip";
import { useTranslation } from "react-i18next";

import type { Person } from "../people/personFields";
import { useIsEnrolled } from "./queries";

export function FaceChip({ person }: { person: Person }) {
  const { t } = useTranslation();
  const enrolled = useIsEnrolled(person);
  if (enrolled.data === undefined) return null;
  return (
    <Chip
      size="small"
      variant="outlined"
      color={enrolled.data ? "success" : "warning"}
      label={t(`people.choices.enrolled.${enrolled.data ? "yes" : "no"}`)}
    />
  );
}
