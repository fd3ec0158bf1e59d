import Chip from "@mui/material/Chip";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { useTranslation } from "react-i18next";

import type { components } from "../../api/schema";
import { useFormats } from "../../time/formats";

type Replica = components["schemas"]["IndexReplica"];

/** The workers' copies. */
export function Replicas({ replicas }: { replicas: readonly Replica[] }) {
  const { t } = useTranslation();
  const { number, bytes } = useFormats();
  return (
    <TableContainer tabIndex={0}>
      <Table size="small" aria-label={t("index.workers")}>
        <TableHead>
          <TableRow>
            <TableCell>{t("index.host")}</TableCell>
            <TableCell>{t("index.state")}</TableCell>
            <TableCell align="right">{t("index.lag")}</TableCell>
            <TableCell align="right">{t("index.people")}</TableCell>
            <TableCell align="right">{t("index.templates")}</TableCell>
            <TableCell align="right">{t("index.memory")}</TableCell>
            <TableCell align="right">{t("index.heard")}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {replicas.map((one) => (
            <TableRow key={one.worker_id}>
              <TableCell dir="auto">{one.host}</TableCell>
              <TableCell>
                <Chip
                  size="small"
                  variant="outlined"
                  color={one.state === "following" ? "success" : "warning"}
                  label={t(`index.replica.${one.state}`)}
                />
              </TableCell>
              <TableCell align="right">{t("dashboard.changes", { count: one.lag, number: number(one.lag) })}</TableCell>
              <TableCell align="right">{number(one.people)}</TableCell>
              <TableCell align="right">{number(one.templates)}</TableCell>
              <TableCell align="right">{bytes(one.bytes)}</TableCell>
              <TableCell align="right">{t("index.ago", { seconds: number(one.heard_seconds_ago) })}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
