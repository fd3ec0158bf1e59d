import ChevronLeft from "@mui/icons-material/ChevronLeft";
import ChevronRight from "@mui/icons-material/ChevronRight";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import ButtonBase from "@mui/material/ButtonBase";
import IconButton from "@mui/material/IconButton";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import { allPages } from "../../api/pages";
import { type Course, courseCode, useCourses } from "../../courses/queries";
import { SessionStateChip } from "../../parts/StateChips";
import { useAsked } from "../../parts/asked";
import { Loading, ProblemNote } from "../../parts/states";
import { addDays, firstWeekday, isDay, weekOf } from "../../time/days";
import { useFormats } from "../../time/formats";
import { startOfDay } from "../../time/zone";
import type { Session, SessionState } from "./queries";
import { byDay, holidayOn } from "./week";

/** The sessions of one week, day by day. */
export function Week({ courseId, state }: { courseId: string; state: SessionState | undefined }) {
  const { t, i18n } = useTranslation();
  const [asked, ask] = useAsked();
  const clock = useFormats();
  const courses = useCourses();
  const wanted = asked.get("week");
  const today = clock.today();
  const days = weekOf(isDay(wanted) ? wanted : today, firstWeekday(clock.language));
  const [first = today] = days;
  const last = addDays(first, 6);
  // A day more at both ends: a course may have clocks of its own.
  const from = startOfDay(addDays(first, -1), clock.zone).toISOString();
  const to = startOfDay(addDays(first, 8), clock.zone).toISOString();
  const sessions = useQuery({
    queryKey: ["sessions", "week", from, to, courseId, state],
    queryFn: () => {
      const query = { from, to, limit: 200, ...(courseId && { course_id: courseId }), ...(state && { state }) };
      return allPages((cursor) => data(api.GET("/api/v1/sessions", { params: { query: { ...query, ...(cursor && { cursor }) } } })));
    },
  });
  const holidays = useQuery({
    queryKey: ["holidays", "week", first],
    queryFn: () => data(api.GET("/api/v1/holidays", { params: { query: { from: first, to: last, limit: 200 } } })),
  });
  const zoneOf = (session: Session) => courses.data?.get(session.course_id)?.time_zone ?? clock.zone;
  const onDays = byDay(sessions.data ?? [], zoneOf);
  const go = (day: string) => ask({ week: day });
  return (
    <>
      <Stack direction="row" spacing={1} useFlexGap sx={{ mb: 2, alignItems: "center", flexWrap: "wrap" }}>
        <IconButton aria-label={t("sessions.previous")} onClick={() => go(addDays(first, -7))}>
          <ChevronLeft sx={{ transform: i18n.dir() === "rtl" ? "scaleX(-1)" : "none" }} />
        </IconButton>
        <IconButton aria-label={t("sessions.next")} onClick={() => go(addDays(first, 7))}>
          <ChevronRight sx={{ transform: i18n.dir() === "rtl" ? "scaleX(-1)" : "none" }} />
        </IconButton>
        <Button size="small" variant="outlined" onClick={() => go("")}>
          {t("sessions.today")}
        </Button>
        <Typography variant="h2" aria-live="polite">
          {clock.days(first, last)}
        </Typography>
      </Stack>
      {sessions.error && <ProblemNote error={sessions.error} retry={() => void sessions.refetch()} />}
      {sessions.isPending && <Loading />}
      {sessions.data && (
        <Box sx={{ display: "grid", gap: 1, gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "repeat(7, minmax(0, 1fr))" } }}>
          {days.map((day) => {
            const holiday = holidayOn(holidays.data?.items ?? [], day);
            const rows = onDays.get(day) ?? [];
            return (
              <Paper key={day} component="section" aria-label={clock.fullDay(day)} sx={{ p: 1, minHeight: { md: 180 }, borderColor: day === today ? "primary.main" : "divider", borderWidth: day === today ? 2 : 1 }}>
                <Typography variant="body2" sx={{ fontWeight: 650, mb: 0.5 }}>
                  {clock.shortWeekday(day)}
                  {day === today && ` · ${t("sessions.today")}`}
                </Typography>
                {holiday && (
                  <Typography variant="body2" color="warning">
                    {t("sessions.holiday", { name: holiday })}
                  </Typography>
                )}
                {rows.length === 0 && !holiday && (
                  <Typography variant="body2" color="textSecondary">
                    {t("sessions.nothingOnDay")}
                  </Typography>
                )}
                {rows.map((session) => (
                  <Meeting key={session.id} session={session} course={courses.data?.get(session.course_id)} />
                ))}
              </Paper>
            );
          })}
        </Box>
      )}
    </>
  );
}

function Meeting({ session, course }: { session: Session; course: Course | undefined }) {
  const { t } = useTranslation();
  const clock = useFormats(course?.time_zone);
  const times = session.ends_at ? clock.times(session.starts_at, session.ends_at) : `${clock.time(session.starts_at)} – ${t("sessions.openEnd")}`;
  return (
    <ButtonBase
      component={Link}
      to={`/sessions/${session.id}${session.state === "active" ? "/live" : ""}`}
      sx={{ display: "block", width: "100%", textAlign: "start", p: 1, mb: 0.5, borderRadius: 1, bgcolor: "action.hover", "&:focus-visible": { outline: 2, outlineColor: "primary.main" } }}
    >
      <Typography sx={{ fontWeight: 650, overflowWrap: "anywhere" }}>{courseCode(course)}</Typography>
      <Typography variant="body2" color="textSecondary" sx={{ mb: 0.5 }}>
        {times}
      </Typography>
      <SessionStateChip state={session.state} />
    </ButtonBase>
  );
}
