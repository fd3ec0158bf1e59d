import FormControlLabel from "@mui/material/FormControlLabel";
import List from "@mui/material/List";
import ListItemButton from "@mui/material/ListItemButton";
import ListItemText from "@mui/material/ListItemText";
import Paper from "@mui/material/Paper";
import Switch from "@mui/material/Switch";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import { type Course, courseCode, useCourses } from "../../courses/queries";
import { List as Rows, useList } from "../../parts/List";
import { SessionStateChip } from "../../parts/StateChips";
import { useAsked } from "../../parts/asked";
import { useFormats } from "../../time/formats";
import { startOfDay } from "../../time/zone";
import type { Session, SessionState } from "./queries";

export function SessionList({ courseId, state }: { courseId: string; state: SessionState | undefined }) {
  const { t } = useTranslation();
  const [asked, ask] = useAsked();
  const clock = useFormats();
  const courses = useCourses();
  const withPast = asked.get("past") === "1";
  // What is to come is read from now on; what is over, from the last one back.
  const order = withPast ? "newest" : "oldest";
  // One that goes on may have begun on an earlier day.
  const isRunning = state === "active";
  const from = withPast || isRunning ? "" : startOfDay(clock.today(), clock.zone).toISOString();
  const sessions = useList<Session>(["sessions", "list", courseId, state, from, order], (cursor) =>
    data(
      api.GET("/api/v1/sessions", {
        params: { query: { order, ...(courseId && { course_id: courseId }), ...(state && { state }), ...(from && { from }), ...(cursor && { cursor }) } },
      }),
    ),
  );
  return (
    <>
      {!isRunning && (
        <FormControlLabel
          sx={{ mb: 1 }}
          control={<Switch checked={withPast} onChange={(event) => ask({ past: event.target.checked ? "1" : "" })} />}
          label={t("sessions.past")}
        />
      )}
      <Rows list={sessions} empty={t(courseId || state || !withPast ? "sessions.none" : "sessions.noneYet")}>
        {(rows) => (
          <Paper>
            <List component="nav" disablePadding aria-label={t("sessions.title")}>
              {rows.map((session) => (
                <OneRow key={session.id} session={session} course={courses.data?.get(session.course_id)} />
              ))}
            </List>
          </Paper>
        )}
      </Rows>
    </>
  );
}

function OneRow({ session, course }: { session: Session; course: Course | undefined }) {
  const clock = useFormats(course?.time_zone);
  return (
    <ListItemButton component={Link} to={`/sessions/${session.id}${session.state === "active" ? "/live" : ""}`} divider sx={{ gap: 2 }}>
      <ListItemText primary={`${courseCode(course)} · ${course?.title ?? ""}`} secondary={clock.span(session.starts_at, session.ends_at)} />
      <SessionStateChip state={session.state} />
    </ListItemButton>
  );
}
