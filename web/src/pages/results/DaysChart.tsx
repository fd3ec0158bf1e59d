import { useTheme } from "@mui/material/styles";
import { BarChart } from "@mui/x-charts/BarChart";
import { useTranslation } from "react-i18next";

import type { components } from "../../api/schema";
import { Empty } from "../../parts/states";
import { useFormats } from "../../time/formats";

/** How many came and how many did not, day by day. A day that is chosen is shown below. */
export function DaysChart({ days, onDay }: { days: readonly components["schemas"]["DayCounts"][]; onDay: (day: string) => void }) {
  const { t } = useTranslation();
  const { shortDay } = useFormats();
  const theme = useTheme();
  // The variables follow light and dark by themselves.
  const { palette } = theme.vars ?? theme;
  if (days.length === 0) return <Empty title={t("results.noneClosed")} />;
  return (
    <BarChart
      height={260}
      xAxis={[{ scaleType: "band", data: days.map((one) => one.day), valueFormatter: shortDay }]}
      yAxis={[{ width: 40, tickMinStep: 1 }]}
      series={[
        { data: days.map((one) => one.attended), label: t("results.cameLabel"), stack: "all", color: palette.success.main },
        { data: days.map((one) => one.absent), label: t("results.states.absent"), stack: "all", color: palette.error.main },
      ]}
      onAxisClick={(_, at) => typeof at?.axisValue === "string" && onDay(at.axisValue)}
    />
  );
}
