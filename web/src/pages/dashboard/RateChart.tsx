import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { BarChart } from "@mui/x-charts/BarChart";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { components } from "../../api/schema";
import { useFormats } from "../../time/formats";

type Day = components["schemas"]["DayCounts"];

/** A bar for each day, and the same as a table for whoever reads numbers. */
export function RateChart({ days }: { days: readonly Day[] }) {
  const { t } = useTranslation();
  const { percent, shortDay } = useFormats();
  const [isTable, setTable] = useState(false);
  return (
    <>
      {isTable ? (
        <DayTable days={days} />
      ) : (
        <Box role="img" aria-label={t("dashboard.rates")}>
          <BarChart
            height={280}
            hideLegend
            skipAnimation
            margin={{ left: 0, right: 8, top: 8, bottom: 0 }}
            xAxis={[{ data: days.map((day) => shortDay(day.day)), scaleType: "band" }]}
            yAxis={[{ min: 0, max: 1, valueFormatter: (value: number) => percent(value), width: 48 }]}
            series={[
              {
                data: days.map((day) => day.rate ?? null),
                label: t("dashboard.rate"),
                color: "var(--mui-palette-primary-main)",
                valueFormatter: (value) => percent(value),
              },
            ]}
          />
        </Box>
      )}
      <Link component="button" type="button" variant="body2" onClick={() => setTable(!isTable)} sx={{ mt: 1 }}>
        {isTable ? t("dashboard.asChart") : t("dashboard.asTable")}
      </Link>
    </>
  );
}

function DayTable({ days }: { days: readonly Day[] }) {
  const { t } = useTranslation();
  const { day, number, percent } = useFormats();
  return (
    <TableContainer sx={{ maxHeight: 320 }} tabIndex={0}>
      <Table size="small" stickyHeader aria-label={t("dashboard.rates")}>
        <TableHead>
          <TableRow>
            <TableCell>{t("dashboard.day")}</TableCell>
            <TableCell align="right">{t("dashboard.sessionsHeld")}</TableCell>
            <TableCell align="right">{t("dashboard.attended")}</TableCell>
            <TableCell align="right">{t("dashboard.expected")}</TableCell>
            <TableCell align="right">{t("dashboard.rate")}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {days.toReversed().map((one) => (
            <TableRow key={one.day}>
              <TableCell>{day(one.day)}</TableCell>
              <TableCell align="right">{number(one.sessions)}</TableCell>
              <TableCell align="right">{number(one.attended)}</TableCell>
              <TableCell align="right">{number(one.expected)}</TableCell>
              <TableCell align="right">{percent(one.rate)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
