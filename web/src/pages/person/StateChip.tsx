import Chip, { type ChipProps } from "@mui/material/Chip";
import { useTranslation } from "react-i18next";

import type { components } from "../../api/schema";

export type State = components["schemas"]["AttendanceState"];

export const STATES: readonly State[] = ["present", "late", "left_early", "absent", "excused"];

const COLORS: Record<State, NonNullable<ChipProps["color"]>> = {
  present: "success",
  late: "warning",
  left_early: "warning",
  absent: "error",
  excused: "primary",
};

/** How somebody stands in a session; nobody has said yet where there is no state. */
export function StateChip({ state }: { state: State | null | undefined }) {
  const { t } = useTranslation();
  return (
    <Chip
      size="small"
      variant="outlined"
      color={state ? COLORS[state] : "default"}
      label={state ? t(`person.states.${state}`) : t("person.states.none")}
    />
  );
}
