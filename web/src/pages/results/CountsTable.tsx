import Paper from "@mui/material/Paper";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { components } from "../../api/schema";
import { useFormats } from "../../time/formats";

type Counts = components["schemas"]["AttendanceCounts"];

const COLUMNS = ["present", "late", "left_early", "absent", "excused"] as const;

export interface CountsRow {
  key: string;
  name: ReactNode;
  counts: Counts;
}

/** How many times people stood how, and the rate; `null` rates are of those whom nobody expected. */
export function CountsTable({ label, first, rows }: { label: string; first: string; rows: readonly CountsRow[] }) {
  const { t } = useTranslation();
  const { number, percent } = useFormats();
  return (
    <TableContainer component={Paper}>
      <Table size="small" aria-label={label}>
        <TableHead>
          <TableRow>
            <TableCell>{first}</TableCell>
            <TableCell align="right">{t("results.rate")}</TableCell>
            {COLUMNS.map((one) => (
              <TableCell key={one} align="right">
                {t(`results.states.${one}`)}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map(({ key, name, counts }) => (
            <TableRow key={key} hover>
              <TableCell sx={{ minWidth: 140 }}>{name}</TableCell>
              <TableCell align="right" sx={{ fontWeight: 650 }}>
                {typeof counts.rate === "number" ? percent(counts.rate) : "–"}
              </TableCell>
              {COLUMNS.map((one) => (
                <TableCell key={one} align="right">
                  {number(counts[one])}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
