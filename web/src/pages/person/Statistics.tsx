import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";
import Link from "@mui/material/Link";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { courseLabel } from "../../courses/queries";
import { Section } from "../../parts/Section";
import { STATES } from "../../parts/StateChips";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import type { Person } from "../people/personFields";
import type { Days } from "./Attendance";

type Counts = components["schemas"]["AttendanceCounts"];

/** The counts of the closed sessions: all together, and of each course. */
export function Statistics({ person, days }: { person: Person; days: Days }) {
  const { t } = useTranslation();
  const statistics = useQuery({
    queryKey: ["person", person.id, "statistics", days],
    queryFn: () =>
      data(api.GET("/api/v1/people/{person_id}/statistics", { params: { path: { person_id: person.id }, query: days } })),
    placeholderData: keepPreviousData,
  });
  const found = statistics.data;
  return (
    <Section title={t("person.attendance.statistics")}>
      {statistics.error && <ProblemNote error={statistics.error} retry={() => void statistics.refetch()} />}
      {statistics.isPending && <Loading />}
      {found && found.courses.length === 0 && <Empty title={t("person.attendance.noneClosed")} />}
      {found && found.courses.length > 0 && (
        <Stack spacing={2.5}>
          <Rate name={<strong>{t("person.attendance.allCourses")}</strong>} counts={found.total} />
          {found.courses.map((course) => (
            <Rate
              key={course.course_id}
              name={
                <Link component={RouterLink} to={`/courses/${course.course_id}`} underline="hover">
                  <bdi>{courseLabel(course)}</bdi>
                </Link>
              }
              counts={course}
            />
          ))}
          <Typography variant="caption" color="textSecondary">
            {t("person.attendance.excusedNote")}
          </Typography>
        </Stack>
      )}
    </Section>
  );
}

function Rate({ name, counts }: { name: React.ReactNode; counts: Counts }) {
  const { t } = useTranslation();
  const { number, percent } = useFormats();
  const rate = counts.rate ?? null;
  const said =
    rate === null
      ? t("person.attendance.notExpected")
      : t("person.attendance.rate", { rate: percent(rate), attended: number(counts.attended), expected: number(counts.expected) });
  return (
    <Box>
      <Stack direction={{ xs: "column", sm: "row" }} sx={{ justifyContent: "space-between", columnGap: 2 }}>
        <Typography component="div">{name}</Typography>
        <Typography>{said}</Typography>
      </Stack>
      <LinearProgress variant="determinate" value={100 * (rate ?? 0)} aria-label={said} sx={{ my: 0.75, height: 6, borderRadius: 3 }} />
      <Typography variant="body2" color="textSecondary">
        {STATES.filter((state) => counts[state] > 0)
          .map((state) => `${t(`results.states.${state}`)} ${number(counts[state])}`)
          .join(" · ")}
      </Typography>
    </Box>
  );
}
