import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import { type Course, courseCode } from "../../courses/queries";
import { Section } from "../../parts/Section";
import { useAsked } from "../../parts/asked";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { isDay } from "../../time/days";
import { useFormats } from "../../time/formats";
import { AtRisk } from "./AtRisk";
import { CountsTable } from "./CountsTable";
import { ExportButtons } from "./ExportButtons";

/** How often people came to a course: by session and by person, and who came too seldom. */
export function CourseStatistics({ course }: { course: Course }) {
  const { t } = useTranslation();
  const { number, percent } = useFormats();
  const clock = useFormats(course.time_zone);
  const [asked, ask] = useAsked();
  const day = (key: string) => {
    const value = asked.get(key);
    return isDay(value) ? value : "";
  };
  const [from, to] = [day("from"), day("to")];
  const query = { ...(from && { from }), ...(to && { to }) };
  const statistics = useQuery({
    queryKey: ["courses", course.id, "statistics", from, to],
    queryFn: () => data(api.GET("/api/v1/courses/{course_id}/statistics", { params: { path: { course_id: course.id }, query } })),
  });
  const found = statistics.data;
  return (
    <Stack spacing={2}>
      <Stack direction={{ xs: "column", sm: "row" }} spacing={2} useFlexGap sx={{ flexWrap: "wrap", alignItems: { sm: "center" } }}>
        <TextField type="date" label={t("results.fromDay")} value={from} onChange={(event) => ask({ from: event.target.value })} slotProps={{ inputLabel: { shrink: true } }} sx={{ maxWidth: { sm: 180 } }} />
        <TextField type="date" label={t("results.toDay")} value={to} onChange={(event) => ask({ to: event.target.value })} slotProps={{ inputLabel: { shrink: true } }} sx={{ maxWidth: { sm: 180 } }} />
        <ExportButtons what={{ kind: "course", id: course.id, from, to }} name={courseCode(course)} />
      </Stack>
      {statistics.error && <ProblemNote error={statistics.error} retry={() => void statistics.refetch()} />}
      {statistics.isPending && <Loading />}
      {found && found.sessions.length === 0 && <Empty title={t("results.noneClosed")} />}
      {found && found.sessions.length > 0 && (
        <>
          <Typography sx={{ fontSize: "1.25rem" }}>
            {typeof found.total.rate === "number" && <strong>{percent(found.total.rate)}</strong>} {t("results.ofSessions", { count: found.sessions.length, n: number(found.sessions.length) })}
          </Typography>
          <AtRisk courseId={course.id} from={from} to={to} />
          <Section title={t("results.byPerson")} about={t("results.excusedWhat")}>
            <CountsTable
              label={t("results.byPerson")}
              first={t("results.name")}
              rows={found.people.map((person) => ({
                key: person.person_id,
                counts: person,
                name: (
                  <>
                    <Link to={`/people/${person.person_id}?tab=attendance`} style={{ color: "inherit" }}>
                      <bdi>{person.name}</bdi>
                    </Link>
                    <div dir="auto" style={{ opacity: 0.7 }}>
                      {person.external_id}
                    </div>
                  </>
                ),
              }))}
            />
          </Section>
          <Section title={t("results.bySession")}>
            <CountsTable
              label={t("results.bySession")}
              first={t("sessions.when")}
              rows={[...found.sessions].reverse().map((session) => ({
                key: session.session_id,
                counts: session,
                name: (
                  <Link to={`/sessions/${session.session_id}`} style={{ color: "inherit" }}>
                    {clock.dateTime(session.starts_at)}
                  </Link>
                ),
              }))}
            />
          </Section>
        </>
      )}
    </Stack>
  );
}
