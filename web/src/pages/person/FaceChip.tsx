import Chip from "@mui/material/Chip";
import { useTranslation } from "react-i18next";

import type { Person } from "../people/personFields";
import { useTemplates } from "./queries";

export function FaceChip({ person }: { person: Person }) {
  const { t } = useTranslation();
  const templates = useTemplates(person.id);
  if (!templates.data) return null;
  return (
    <Chip
      size="small"
      variant="outlined"
      color={templates.data.count > 0 ? "success" : "warning"}
      label={t(`people.choices.enrolled.${templates.data.count > 0 ? "yes" : "no"}`)}
    />
  );
}
