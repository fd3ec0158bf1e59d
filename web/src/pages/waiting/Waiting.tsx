import Link from "@mui/material/Link";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Tab from "@mui/material/Tab";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { Link as To } from "react-router";

import { api, data } from "../../api/client";
import { EnrollmentCard } from "../../enrollment/EnrollmentCard";
import type { Enrollment } from "../../enrollment/source";
import { useAsked } from "../../parts/asked";
import { List, useList } from "../../parts/List";
import { Page } from "../../parts/Page";
import { PageTabs } from "../../parts/PageTabs";
import { usePerson } from "../person/queries";

/** What somebody may have to do something about: a decision, a little patience, or other photos. */
const STATES = ["duplicate_suspected", "pending", "failed"] as const;

/** How often is looked, in milliseconds. */
const OFTEN = 5_000;

/** Enrollments of the organization that have not come to an end, or to a bad one; the newest first. */
export function Waiting() {
  const { t } = useTranslation();
  const [asked, ask] = useAsked();
  const state = STATES.find((one) => one === asked.get("state")) ?? "duplicate_suspected";
  const list = useList<Enrollment>(
    ["enrollments", state, "list"],
    (cursor) => data(api.GET("/api/v1/enrollments", { params: { query: { state, limit: 20, ...(cursor && { cursor }) } } })),
    { refetchInterval: OFTEN },
  );
  return (
    <Page title={t("enrollment.waitingTitle")}>
      <PageTabs
        value={state}
        onChange={(_, next: string) => ask({ state: next === STATES[0] ? "" : next })}
        aria-label={t("enrollment.waitingTitle")}
      >
        {STATES.map((one) => (
          <Tab key={one} value={one} label={t(`enrollment.states.${one}`)} />
        ))}
      </PageTabs>
      <Typography color="textSecondary" sx={{ mb: 2, maxWidth: "70ch" }}>
        {t(`enrollment.waitingAbout.${state}`)}
      </Typography>
      <List list={list} empty={t(`enrollment.waitingNone.${state}`)}>
        {(rows) => (
          <Stack spacing={2}>
            {rows.map((enrollment) => (
              <Paper key={enrollment.id} sx={{ p: { xs: 2, sm: 3 } }}>
                <Whose personId={enrollment.person_id} />
                <EnrollmentCard enrollment={enrollment} />
              </Paper>
            ))}
          </Stack>
        )}
      </List>
    </Page>
  );
}

function Whose({ personId }: { personId: string }) {
  const person = usePerson(personId);
  return (
    <Typography variant="h2" sx={{ mb: 1 }}>
      <Link component={To} to={`/people/${personId}?tab=face`} underline="hover">
        {person.data ? (
          <>
            <bdi>{person.data.name}</bdi> (<bdi dir="ltr">{person.data.external_id}</bdi>)
          </>
        ) : (
          "…"
        )}
      </Link>
    </Typography>
  );
}
