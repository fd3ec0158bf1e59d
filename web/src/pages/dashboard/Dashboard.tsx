import Box from "@mui/material/Box";
import Stack from "@mui/material/Stack";
import { useTranslation } from "react-i18next";

import { useOrganization } from "../../auth/organization";
import { useUser } from "../../auth/user";
import { Page } from "../../parts/Page";
import { useFormats } from "../../time/formats";
import { Checklist } from "./Checklist";
import { PresentNow } from "./PresentNow";
import { Rates } from "./Rates";
import { SessionsNow } from "./SessionsNow";
import { SystemNow } from "./SystemNow";
import { Tile, Tiles } from "./Tiles";
import { counted, countedPeople, waitingEnrollments } from "./counted";
import { useCameToday, useErasureRequests, usePeopleWithoutFace, usePresent, useSessionsNow, useWaitingEnrollments } from "./queries";

/** The day at a glance. */
export function Dashboard() {
  const { t } = useTranslation();
  const isAdmin = useUser().role === "admin";
  const { time_zone: zone } = useOrganization();
  const { number } = useFormats();
  const sessions = useSessionsNow(zone);
  const present = usePresent();
  const today = useCameToday();
  const faceless = usePeopleWithoutFace();
  const erasures = useErasureRequests(isAdmin);
  const waiting = waitingEnrollments(useWaitingEnrollments().data, number);
  const active = sessions.data?.filter((one) => one.state === "active");
  return (
    <Page title={t("dashboard.title")}>
      <Stack spacing={3}>
        {isAdmin && <Checklist />}
        <Tiles>
          <Tile name={t("dashboard.active")} value={active ? number(active.length) : "–"} to="/sessions?view=list&state=active" />
          <Tile name={t("dashboard.presentNow")} value={countedPeople(present.data, number)} />
          <Tile name={t("dashboard.cameToday")} value={countedPeople(today.data, number)} />
          <Tile name={t("dashboard.faceless")} value={counted(faceless.data, number)} to="/people?enrolled=no&status=active" />
          <Tile name={t("dashboard.waiting")} {...waiting} />
          {(erasures.data?.items.length ?? 0) > 0 && (
            <Tile name={t("dashboard.erasures")} value={counted(erasures.data, number)} to="/erasures" />
          )}
        </Tiles>
        <Box sx={{ display: "grid", gap: 3, gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "repeat(2, minmax(0, 1fr))" } }}>
          <SessionsNow sessions={sessions} />
          <PresentNow present={present} />
        </Box>
        <Rates />
        {isAdmin && <SystemNow />}
      </Stack>
    </Page>
  );
}
