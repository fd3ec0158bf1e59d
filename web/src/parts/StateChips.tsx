import Chip from "@mui/material/Chip";
import { useTranslation } from "react-i18next";

import type { AttendanceState } from "../live/standings";
import type { SessionState } from "../pages/sessions/queries";

const SESSION_COLOURS = { scheduled: "default", active: "success", closed: "primary" } as const;
export const STATES: readonly AttendanceState[] = ["present", "late", "left_early", "absent", "excused"];

const COLOURS = { present: "success", late: "warning", absent: "error", excused: "primary", left_early: "warning" } as const;

export function SessionStateChip({ state }: { state: SessionState }) {
  const { t } = useTranslation();
  return <Chip size="small" variant={state === "active" ? "filled" : "outlined"} color={SESSION_COLOURS[state]} label={t(`sessions.states.${state}`)} />;
}

/** How somebody stands, in a word. */
export function AttendanceChip({ state, isCorrected = false }: { state: AttendanceState | null | undefined; isCorrected?: boolean }) {
  const { t } = useTranslation();
  const word = state ? t(`results.states.${state}`) : t("results.states.unseen");
  const label = isCorrected ? t("results.byHand", { state: word }) : word;
  return <Chip size="small" variant="outlined" color={state ? COLOURS[state] : "default"} label={label} />;
}
