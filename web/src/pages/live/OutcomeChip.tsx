import Chip from "@mui/material/Chip";
import { useTranslation } from "react-i18next";

import type { Outcome } from "../../live/frames";

const COLOURS = {
  present: "success",
  already: "success",
  likely: "warning",
  outside_hours: "default",
  not_on_roster: "primary",
  unknown: "default",
  spoof_suspected: "error",
  too_poor: "default",
} as const satisfies Record<Outcome, string>;

export function OutcomeChip({ outcome }: { outcome: Outcome }) {
  const { t } = useTranslation();
  return <Chip size="small" variant="outlined" color={COLOURS[outcome]} label={t(`live.outcomes.${outcome}`)} />;
}
