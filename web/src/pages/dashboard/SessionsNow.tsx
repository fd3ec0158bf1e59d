import Link from "@mui/material/Link";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemText from "@mui/material/ListItemText";
import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link as To } from "react-router";

import { useCourseNames } from "../../courses/queries";
import { Section } from "../../parts/Section";
import { SessionStateChip } from "../../parts/StateChips";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import type { Session } from "./queries";

export function SessionsNow({ sessions }: { sessions: UseQueryResult<Session[]> }) {
  const { t } = useTranslation();
  const { time } = useFormats();
  const nameOf = useCourseNames();
  return (
    <Section title={t("dashboard.sessions")}>
      {sessions.error && <ProblemNote error={sessions.error} retry={() => void sessions.refetch()} />}
      {sessions.isPending && <Loading />}
      {sessions.data?.length === 0 && <Empty title={t("dashboard.noSessions")} />}
      <List disablePadding sx={{ maxHeight: 420, overflow: "auto" }}>
        {sessions.data?.map((session) => (
          <ListItem
            key={session.id}
            disableGutters
            divider
            secondaryAction={
              <SessionStateChip state={session.state} />
            }
            sx={{ paddingInlineEnd: 13 }}
          >
            <ListItemText
              primary={
                <Link component={To} to={`/sessions/${session.id}`}>
                  <bdi>{nameOf(session.course_id)}</bdi>
                </Link>
              }
              secondary={
                session.ends_at
                  ? t("dashboard.fromTo", { from: time(session.starts_at), to: time(session.ends_at) })
                  : t("dashboard.from", { from: time(session.starts_at) })
              }
            />
          </ListItem>
        ))}
      </List>
    </Section>
  );
}
