import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { useCourses } from "../../courses/queries";
import { CourseSelect } from "../../parts/CourseSelect";
import { List, useList } from "../../parts/List";
import { Section } from "../../parts/Section";
import { AttendanceChip } from "../../parts/StateChips";
import { useAsked } from "../../parts/asked";
import { Loading, ProblemNote } from "../../parts/states";
import { isDay } from "../../time/days";
import { useFormats } from "../../time/formats";

// Charts are large; they come when they are drawn.
const DaysChart = lazy(async () => ({ default: (await import("./DaysChart")).DaysChart }));

type Record = components["schemas"]["AttendanceRecord"];

/** Everybody's attendance of one day, and how the days before were. */
export function ByDay() {
  const { t } = useTranslation();
  const [asked, ask] = useAsked();
  const clock = useFormats();
  const courses = useCourses();
  const wanted = asked.get("day");
  const day = isDay(wanted) ? wanted : clock.today();
  const courseId = asked.get("course") ?? "";
  const records = useList<Record>(["records", day, courseId], (cursor) =>
    data(api.GET("/api/v1/attendance/records", { params: { query: { date: day, limit: 100, ...(courseId && { course_id: courseId }), ...(cursor && { cursor }) } } })),
  );
  const days = useQuery({
    queryKey: ["statistics", "days", courseId],
    queryFn: () => data(api.GET("/api/v1/statistics/days", { params: { query: courseId ? { course_id: courseId } : {} } })),
  });
  return (
    <Stack spacing={2}>
      <Stack direction={{ xs: "column", sm: "row" }} spacing={2}>
        <TextField type="date" label={t("sessions.day")} value={day} onChange={(event) => ask({ day: event.target.value })} slotProps={{ inputLabel: { shrink: true } }} sx={{ maxWidth: { sm: 180 } }} />
        <CourseSelect label={t("sessions.course")} placeholder={t("sessions.allCourses")} value={courseId || null} onChange={(course) => ask({ course: course ?? "" })} />
      </Stack>
      <Section title={t("results.recentDays")} about={t("results.recentDaysWhat")}>
        {days.error && <ProblemNote error={days.error} retry={() => void days.refetch()} />}
        {days.isPending && <Loading />}
        {days.data && (
          <Suspense fallback={<Loading />}>
            <DaysChart days={days.data.items} onDay={(next) => ask({ day: next })} />
          </Suspense>
        )}
      </Section>
      <List list={records} empty={t("results.nothingOnDay")}>
        {(rows) => (
          <TableContainer component={Paper}>
            <Table size="small" aria-label={t("results.views.day")}>
              <TableHead>
                <TableRow>
                  <TableCell>{t("results.name")}</TableCell>
                  <TableCell>{t("sessions.course")}</TableCell>
                  <TableCell>{t("results.state")}</TableCell>
                  <TableCell>{t("results.came")}</TableCell>
                </TableRow>
              </TableHead>
              <TableBody>
                {rows.map((row) => (
                  <TableRow key={`${row.session_id} ${row.person_id}`} hover>
                    <TableCell sx={{ minWidth: 140 }}>
                      <Link to={`/results?by=person&person=${row.person_id}`} style={{ color: "inherit" }} dir="auto">
                        {row.name}
                      </Link>
                      <div dir="auto" style={{ opacity: 0.7 }}>
                        {row.external_id}
                      </div>
                    </TableCell>
                    <TableCell>
                      <Link to={`/sessions/${row.session_id}`} style={{ color: "inherit" }} dir="auto">
                        {courses.data?.get(row.course_id)?.title ?? row.course}
                      </Link>
                    </TableCell>
                    <TableCell>
                      <AttendanceChip state={row.status} />
                    </TableCell>
                    <TableCell>{row.timestamp ? clock.time(row.timestamp) : "–"}</TableCell>
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          </TableContainer>
        )}
      </List>
    </Stack>
  );
}
