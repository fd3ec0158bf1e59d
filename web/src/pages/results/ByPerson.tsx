import Box from "@mui/material/Box";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { courseCode, useCourses } from "../../courses/queries";
import { List, useList } from "../../parts/List";
import { PersonPicker } from "../../parts/PersonPicker";
import { Section } from "../../parts/Section";
import { AttendanceChip } from "../../parts/StateChips";
import { useAsked } from "../../parts/asked";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { CountsTable } from "./CountsTable";

/** One person's attendance: of each course in numbers, and session by session. */
export function ByPerson() {
  const { t } = useTranslation();
  const [asked, ask] = useAsked();
  const id = asked.get("person") ?? "";
  const person = useQuery({
    queryKey: ["person", id],
    queryFn: () => data(api.GET("/api/v1/people/{person_id}", { params: { path: { person_id: id } } })),
    enabled: id !== "",
  });
  return (
    <Stack spacing={2}>
      <Box sx={{ maxWidth: 420 }}>
        <PersonPicker label={t("sessions.person")} value={person.data ?? null} onChange={(somebody) => ask({ person: somebody?.id ?? "" })} />
      </Box>
      {person.error && <ProblemNote error={person.error} />}
      {id === "" ? <Empty title={t("results.choosePerson")} /> : <OnePerson key={id} id={id} />}
    </Stack>
  );
}

function OnePerson({ id }: { id: string }) {
  const { t } = useTranslation();
  const clock = useFormats();
  const courses = useCourses();
  const path = { person_id: id };
  const statistics = useQuery({
    queryKey: ["person", id, "statistics"],
    queryFn: () => data(api.GET("/api/v1/people/{person_id}/statistics", { params: { path } })),
  });
  const attended = useList<components["schemas"]["SessionAttended"]>(["person", id, "attendance"], (cursor) =>
    data(api.GET("/api/v1/people/{person_id}/attendance", { params: { path, query: cursor ? { cursor } : {} } })),
  );
  return (
    <>
      {statistics.error && <ProblemNote error={statistics.error} retry={() => void statistics.refetch()} />}
      {statistics.isPending && <Loading />}
      {statistics.data && statistics.data.courses.length > 0 && (
        <Section title={t("results.byCourse")} about={t("results.excusedWhat")}>
          <CountsTable
            label={t("results.byCourse")}
            first={t("sessions.course")}
            rows={[
              ...statistics.data.courses.map((course) => ({ key: course.course_id, counts: course, name: <span dir="auto">{course.title}</span> })),
              { key: "total", counts: statistics.data.total, name: <strong>{t("results.total")}</strong> },
            ]}
          />
        </Section>
      )}
      <Section title={t("results.bySession")}>
        <List list={attended} empty={t("results.neverThere")}>
          {(rows) =>
            rows.map((row) => (
              <Stack key={row.session_id} direction="row" spacing={1.5} useFlexGap sx={{ py: 1, flexWrap: "wrap", alignItems: "center", borderBottom: 1, borderColor: "divider" }}>
                <Link to={`/sessions/${row.session_id}?person=${id}`} style={{ color: "inherit", flexGrow: 1 }}>
                  {courseCode(courses.data?.get(row.course_id))} · {clock.dateTime(row.starts_at)}
                </Link>
                {row.first_seen_at && (
                  <Typography variant="body2" color="textSecondary">
                    {t("results.cameAt", { time: clock.time(row.first_seen_at) })}
                  </Typography>
                )}
                <AttendanceChip state={row.state} isCorrected={row.is_corrected} />
              </Stack>
            ))
          }
        </List>
      </Section>
    </>
  );
}
