import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import LinearProgress from "@mui/material/LinearProgress";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";

import { useFormats } from "../../time/formats";
import { type Build, STATE_COLORS, percentDone } from "./progress";

/** What was built, is, or waits to be: the newest first. */
export function Builds({ builds }: { builds: readonly Build[] }) {
  const { t } = useTranslation();
  const { dateTime, duration } = useFormats();
  const took = ({ started_at, ended_at }: Build) =>
    started_at && ended_at ? duration(Date.parse(ended_at) - Date.parse(started_at)) : "–";
  return (
    <TableContainer tabIndex={0}>
      <Table size="small" aria-label={t("index.builds")}>
        <TableHead>
          <TableRow>
            <TableCell>{t("index.begun")}</TableCell>
            <TableCell>{t("index.cause")}</TableCell>
            <TableCell>{t("index.state")}</TableCell>
            <TableCell align="right">{t("index.took")}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {builds.map((build) => (
            <TableRow key={build.id}>
              <TableCell>{dateTime(build.requested_at)}</TableCell>
              <TableCell>{t(`index.causes.${build.cause}`)}</TableCell>
              <TableCell sx={{ minWidth: 180 }}>
                <Chip size="small" variant="outlined" color={STATE_COLORS[build.state]} label={t(`index.states.${build.state}`)} />
                {build.state === "running" && <Progress build={build} />}
                {build.problem && (
                  <Typography variant="body2" color="error" dir="auto" sx={{ mt: 0.5 }}>
                    {build.problem}
                  </Typography>
                )}
              </TableCell>
              <TableCell align="right">{took(build)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function Progress({ build }: { build: Build }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const percent = percentDone(build);
  const stage = build.stage ? t(`index.stages.${build.stage}`) : t("index.states.running");
  return (
    <Box sx={{ mt: 1 }}>
      <LinearProgress aria-label={stage} variant={percent === null ? "indeterminate" : "determinate"} {...(percent !== null && { value: percent })} />
      <Typography variant="caption" color="textSecondary">
        {percent === null
          ? stage
          : t("index.progress", { stage, done: number(build.templates_done), total: number(build.templates_total) })}
      </Typography>
    </Box>
  );
}
