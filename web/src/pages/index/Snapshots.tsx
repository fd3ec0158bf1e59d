import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Tooltip from "@mui/material/Tooltip";
import { useTranslation } from "react-i18next";

import type { components } from "../../api/schema";
import { useFormats } from "../../time/formats";

type Snapshot = components["schemas"]["IndexSnapshot"];

/** The snapshots that are kept, the newest first. */
export function Snapshots({ snapshots }: { snapshots: readonly Snapshot[] }) {
  const { t } = useTranslation();
  const { dateTime, number, percent, bytes, duration } = useFormats();
  const stages = (snapshot: Snapshot) =>
    Object.entries(snapshot.stages)
      .map(([stage, took]) => `${t(`index.stages.${stage}`)} ${duration(took)}`)
      .join(", ");
  return (
    <TableContainer tabIndex={0}>
      <Table size="small" aria-label={t("index.snapshots")}>
        <TableHead>
          <TableRow>
            <TableCell>{t("index.made")}</TableCell>
            <TableCell align="right">{t("index.templates")}</TableCell>
            <TableCell align="right">{t("index.lag")}</TableCell>
            <TableCell>{t("index.search")}</TableCell>
            <TableCell align="right">{t("index.size")}</TableCell>
            <TableCell align="right">{t("index.took")}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {snapshots.map((one) => (
            <TableRow key={one.id}>
              <TableCell>{dateTime(one.created_at)}</TableCell>
              <TableCell align="right">{number(one.templates)}</TableCell>
              <TableCell align="right">{t("dashboard.changes", { count: one.lag, number: number(one.lag) })}</TableCell>
              <TableCell>
                <bdi>{one.factory}</bdi>,{" "}
                {one.recall == null ? t("index.exhaustive") : t("index.finds", { recall: percent(one.recall) })}
              </TableCell>
              <TableCell align="right">{bytes(one.bytes)}</TableCell>
              <TableCell align="right">
                <Tooltip title={stages(one)}>
                  <span tabIndex={0}>{duration(one.build_ms)}</span>
                </Tooltip>
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
