import Alert from "@mui/material/Alert";
import Chip from "@mui/material/Chip";
import Stack from "@mui/material/Stack";
import Tab from "@mui/material/Tab";
import Typography from "@mui/material/Typography";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, Outlet, useLocation, useParams } from "react-router";

import { courseCode, useCourse } from "../../courses/queries";
import type { LiveEvent } from "../../live/socket";
import { useLive } from "../../live/useLive";
import { heard, reread } from "../../live/useStandings";
import { Page } from "../../parts/Page";
import { PageTabs } from "../../parts/PageTabs";
import { ProblemPage } from "../../parts/ProblemPage";
import { SessionStateChip } from "../../parts/StateChips";
import { Loading } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { SessionActions } from "./SessionActions";
import { SessionContext } from "./context";
import { type Session, sessionQuery } from "./queries";

const TABS = ["", "live", "photos", "faces", "code", "rules"] as const;

export function SessionPage() {
  const { sessionId = "" } = useParams();
  const session = useQuery(sessionQuery(sessionId));
  if (session.error && !session.data) return <ProblemPage error={session.error} retry={() => void session.refetch()} />;
  if (!session.data) return <Loading />;
  return <OneSession key={sessionId} session={session.data} />;
}

function OneSession({ session }: { session: Session }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const course = useCourse(session.course_id).data;
  const clock = useFormats(course?.time_zone);
  const listeners = useRef(new Set<(event: LiveEvent) => void>());
  const listen = useCallback((listener: (event: LiveEvent) => void) => {
    listeners.current.add(listener);
    return () => {
      listeners.current.delete(listener);
    };
  }, []);
  const liveState = useLive(session.id, {
    onEvent: (event) => {
      if (event.type === "attendance_changed") heard(client, session.id, event.changes);
      if (event.type === "session_changed") void client.invalidateQueries({ queryKey: ["sessions", session.id] });
      if (event.type === "class_photo_finished") void client.invalidateQueries({ queryKey: ["sessions", session.id, "photos"] });
      for (const listener of listeners.current) listener(event);
    },
    onResync: () => {
      reread(client, session.id);
      void client.invalidateQueries({ queryKey: sessionQuery(session.id).queryKey });
    },
  });
  const place = useMemo(() => ({ session, course, clock, liveState, listen }), [session, course, clock, liveState, listen]);
  const { pathname } = useLocation();
  const tab = TABS.find((one) => one !== "" && pathname.endsWith(`/${one}`)) ?? "";
  return (
    <SessionContext value={place}>
      <Page title={`${courseCode(course)} · ${clock.weekdayDate(session.starts_at)}`} actions={<SessionActions session={session} />}>
        <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: "wrap", alignItems: "center", mb: 2, mt: -1 }}>
          <SessionStateChip state={session.state} />
          {session.automatic && <Chip size="small" variant="outlined" label={t("sessions.automatic")} />}
          <Typography color="textSecondary" variant="body2">
            {course && (
              <Link to={`/courses/${course.id}`} style={{ color: "inherit" }}>
                {course.title}
              </Link>
            )}
            {" · "}
            {session.ends_at ? clock.times(session.starts_at, session.ends_at) : clock.time(session.starts_at)}
          </Typography>
        </Stack>
        {liveState === "waiting" && session.state === "active" && (
          <Alert severity="warning" sx={{ mb: 2 }}>
            {t("live.waiting")}
          </Alert>
        )}
        <PageTabs value={tab} aria-label={t("sessions.parts")} sx={{ mb: 2 }}>
          {TABS.map((one) => (
            <Tab key={one} value={one} label={t(`sessions.tabs.${one || "attendance"}`)} component={Link} to={`/sessions/${session.id}${one && `/${one}`}`} />
          ))}
        </PageTabs>
        <Outlet />
      </Page>
    </SessionContext>
  );
}
