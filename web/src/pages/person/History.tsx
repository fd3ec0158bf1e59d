import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { courseLabel, useCourses } from "../../courses/queries";
import { Section } from "../../parts/Section";
import { AttendanceChip } from "../../parts/StateChips";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import type { Person } from "../people/personFields";
import type { Days } from "./Attendance";

type SessionAttended = components["schemas"]["SessionAttended"];

const STEP = 25;
const MOST_PAGES = 10;

/** All of a person's attendance, the newest first. The API lists the oldest first, so all pages are read. */
async function newestFirst(id: string, days: Days): Promise<SessionAttended[]> {
  const rows: SessionAttended[] = [];
  let cursor: string | null = "";
  for (let page = 0; page < MOST_PAGES && cursor !== null; page += 1) {
    const query = { ...days, limit: 200, ...(cursor && { cursor }) };
    const found: { items: SessionAttended[]; next?: string | null } = await data(
      api.GET("/api/v1/people/{person_id}/attendance", { params: { path: { person_id: id }, query } }),
    );
    rows.push(...found.items);
    cursor = found.next ?? null;
  }
  return rows.reverse();
}

/** A person's attendance, session by session. */
export function History({ person, days }: { person: Person; days: Days }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(STEP);
  const history = useQuery({
    queryKey: ["person", person.id, "attendance", days],
    queryFn: () => newestFirst(person.id, days),
    placeholderData: keepPreviousData,
  });
  const rows = history.data ?? [];
  return (
    <Section title={t("person.attendance.history")}>
      {history.error && <ProblemNote error={history.error} retry={() => void history.refetch()} />}
      {history.isPending && <Loading />}
      {history.isSuccess && rows.length === 0 && <Empty title={t("person.attendance.none")} />}
      <List disablePadding>
        {rows.slice(0, shown).map((row) => (
          <Row key={row.session_id} row={row} personId={person.id} />
        ))}
      </List>
      {rows.length > shown && (
        <Button sx={{ mt: 1 }} onClick={() => setShown(shown + STEP)}>
          {t("state.more")}
        </Button>
      )}
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
