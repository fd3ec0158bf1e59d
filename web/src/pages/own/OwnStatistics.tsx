import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { components } from "../../api/schema";
import { Section } from "../../parts/Section";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { ownStatistics } from "./queries";

type Counts = components["schemas"]["AttendanceCounts"];

const COUNTED = ["present", "late", "left_early", "absent", "excused"] as const;

export function OwnStatistics() {
  const { t } = useTranslation();
  const statistics = useQuery(ownStatistics);
  const courses = statistics.data?.courses ?? [];
  return (
    <Section title={t("own.statistics")} about={t("own.statisticsAbout")}>
      {statistics.error && <ProblemNote error={statistics.error} retry={() => void statistics.refetch()} />}
      {statistics.isPending && <Loading />}
      {statistics.data && courses.length === 0 && <Empty title={t("own.noSessions")} />}
      {statistics.data && courses.length > 0 && (
        <TableContainer tabIndex={0}>
          <Table size="small" aria-label={t("own.statistics")}>
            <TableHead>
              <TableRow>
                <TableCell>{t("own.course")}</TableCell>
                <TableCell align="right">{t("dashboard.rate")}</TableCell>
                {COUNTED.map((state) => (
                  <TableCell key={state} align="right">
                    {t(`results.states.${state}`)}
                  </TableCell>
                ))}
              </TableRow>
            </TableHead>
            <TableBody>
              {courses.map((course) => (
                <Row key={course.course_id} name={[course.code, course.section, course.title].filter(Boolean).join(" ")} counts={course} />
              ))}
              {courses.length > 1 && <Row name={t("own.together")} counts={statistics.data.total} isTotal />}
            </TableBody>
          </Table>
        </TableContainer>
      )}
    </Section>
  );
}

function Row({ name, counts, isTotal = false }: { name: string; counts: Counts; isTotal?: boolean }) {
  const { number, percent } = useFormats();
  return (
    <TableRow sx={isTotal ? { "& > *": { fontWeight: 650 } } : {}}>
      <TableCell dir="auto">{name}</TableCell>
      <TableCell align="right">{percent(counts.rate)}</TableCell>
      {COUNTED.map((state) => (
        <TableCell key={state} align="right">
          {number(counts[state])}
        </TableCell>
      ))}
    </TableRow>
  );
}
