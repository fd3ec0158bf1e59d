import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemText from "@mui/material/ListItemText";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { List as Listed, useList } from "../../parts/List";
import { Section } from "../../parts/Section";
import { AttendanceChip } from "../../parts/StateChips";
import { useAsked } from "../../parts/asked";
import { isDay } from "../../time/days";
import { useFormats } from "../../time/formats";
import { useOwnCourses } from "./queries";

type Attended = components["schemas"]["SessionAttended"];

/** One's own attendance, session by session, the newest first. */
export function OwnAttendance() {
  const { t } = useTranslation();
  const [asked, ask] = useAsked();
  const day = (end: string) => {
    const text = asked.get(end) ?? "";
    return isDay(text) ? text : "";
  };
  const [from, to] = [day("from"), day("to")];
  const list = useList(["own", "attendance", from, to], (cursor) =>
    data(
      api.GET("/api/v1/users/me/attendance", {
        params: { query: { order: "newest", ...(from && { from }), ...(to && { to }), ...(cursor && { cursor }) } },
      }),
    ),
  );
  return (
    <Section title={t("own.attendance")}>
      <Stack direction={{ xs: "column", sm: "row" }} spacing={2} sx={{ mb: 2, maxWidth: { sm: 420 } }}>
        {(["from", "to"] as const).map((end) => (
          <TextField
            key={end}
            type="date"
            label={t(`audit.${end}`)}
            value={end === "from" ? from : to}
            onChange={(event) => ask({ [end]: event.target.value })}
            slotProps={{ inputLabel: { shrink: true } }}
          />
        ))}
      </Stack>
      <Listed list={list} empty={t("own.noneThen")}>
        {(rows) => (
          <List disablePadding>
            {rows.map((row) => (
              <AttendedRow key={row.session_id} row={row} />
            ))}
          </List>
        )}
      </Listed>
    </Section>
  );
}

function AttendedRow({ row }: { row: Attended }) {
  const { t } = useTranslation();
  const { dateTime, time } = useFormats();
  const courseOf = useOwnCourses();
  const course = courseOf(row.course_id);
  const seen = row.first_seen_at && t("own.firstSeen", { time: time(row.first_seen_at) });
  return (
    <ListItem
      divider
      disableGutters
      secondaryAction={
        <AttendanceChip state={row.state} />
      }
      sx={{ paddingInlineEnd: 13 }}
    >
      <ListItemText
        primary={dateTime(row.starts_at)}
        secondary={
          <>
            {course && <bdi>{course}</bdi>}
            {course && seen && " · "}
            {seen}
            {row.is_corrected && ` · ${t("own.corrected")}`}
          </>
        }
      />
    </ListItem>
  );
}
