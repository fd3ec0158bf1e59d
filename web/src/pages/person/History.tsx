import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { courseLabel, useCourses } from "../../courses/queries";
import { List as Listed, useList } from "../../parts/List";
import { Section } from "../../parts/Section";
import { AttendanceChip } from "../../parts/StateChips";
import { useFormats } from "../../time/formats";
import type { Person } from "../people/personFields";
import type { Days } from "./Attendance";

type SessionAttended = components["schemas"]["SessionAttended"];

/** A person's attendance, session by session, the newest first. */
export function History({ person, days }: { person: Person; days: Days }) {
  const { t } = useTranslation();
  const history = useList<SessionAttended>(["person", person.id, "attendance", days], (cursor) =>
    data(
      api.GET("/api/v1/people/{person_id}/attendance", {
        params: { path: { person_id: person.id }, query: { ...days, order: "newest", ...(cursor && { cursor }) } },
      }),
    ),
  );
  return (
    <Section title={t("person.attendance.history")}>
      <Listed list={history} empty={t("person.attendance.none")}>
        {(rows) => (
          <List disablePadding>
            {rows.map((row) => (
              <Row key={row.session_id} row={row} personId={person.id} />
            ))}
          </List>
        )}
      </Listed>
    </Section>
  );
}

function Row({ row, personId }: { row: SessionAttended; personId: string }) {
  const { t } = useTranslation();
  const { dateTime, time, number } = useFormats();
  const courses = useCourses();
  const course = courses.data?.get(row.course_id);
  const said = [
    row.first_seen_at && t("person.attendance.came", { at: time(row.first_seen_at) }),
    row.checked_out_at && t("person.attendance.went", { at: time(row.checked_out_at) }),
    row.stay_seconds >= 60 && t("person.attendance.stayed", { minutes: number(Math.round(row.stay_seconds / 60)) }),
    row.session_state === "active" && t("person.attendance.going"),
  ].filter(Boolean);
  return (
    <ListItem disableGutters divider sx={{ "&:last-child": { borderBottom: 0 } }}>
      <Stack direction="row" spacing={1} sx={{ width: "100%", alignItems: "center", justifyContent: "space-between" }}>
        <Box sx={{ minWidth: 0 }}>
          <Link component={RouterLink} to={`/sessions/${row.session_id}?person=${personId}`} underline="hover" sx={{ fontWeight: 600 }}>
            {dateTime(row.starts_at)}
          </Link>
          {course && (
            <Typography variant="body2">
              <bdi>{courseLabel(course)}</bdi>
            </Typography>
          )}
          {said.length > 0 && (
            <Typography variant="body2" color="textSecondary">
              {said.join(" · ")}
            </Typography>
          )}
        </Box>
        <AttendanceChip state={row.state} isCorrected={row.is_corrected} />
      </Stack>
    </ListItem>
  );
}
