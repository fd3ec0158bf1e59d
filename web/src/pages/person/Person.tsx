import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Tab from "@mui/material/Tab";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";

import { useAsked } from "../../parts/asked";
import { Page } from "../../parts/Page";
import { PageTabs } from "../../parts/PageTabs";
import { ProblemPage } from "../../parts/ProblemPage";
import { Loading } from "../../parts/states";
import { ConsentChip, StatusChip } from "../people/chips";
import { PersonForm } from "../people/PersonForm";
import { Attendance } from "./Attendance";
import { Consents } from "./Consents";
import { Face } from "./Face";
import { FaceChip } from "./FaceChip";
import { Overview } from "./Overview";
import { usePerson } from "./queries";

const TABS = { overview: Overview, face: Face, attendance: Attendance, consent: Consents } as const;
type TabName = keyof typeof TABS;

/** Everything about one person. */
export function Person() {
  const { t } = useTranslation();
  const { personId = "" } = useParams();
  const [asked, ask] = useAsked();
  const [isEditing, setEditing] = useState(false);
  const person = usePerson(personId);
  const named = asked.get("tab") ?? "";
  const tab: TabName = named in TABS ? (named as TabName) : "overview";
  const Shown = TABS[tab];
  if (person.error && !person.data) return <ProblemPage error={person.error} retry={() => void person.refetch()} />;
  if (!person.data) return <Loading />;
  const actions = (
    <>
      <Button variant="outlined" onClick={() => setEditing(true)}>
        {t("person.edit")}
      </Button>
      <Button variant="contained" component={Link} to={`/people/${personId}/enroll`}>
        {t("person.enroll")}
      </Button>
    </>
  );
  return (
    <Page title={person.data.name} actions={actions}>
      <Stack direction="row" useFlexGap spacing={1} sx={{ mb: 2, flexWrap: "wrap" }}>
        <StatusChip isActive={person.data.is_active} />
        <FaceChip person={person.data} />
        <ConsentChip consent={person.data.consent} />
      </Stack>
      <PageTabs
        value={tab}
        onChange={(_, next: TabName) => ask({ tab: next === "overview" ? "" : next })}
        aria-label={person.data.name}
      >
        {Object.keys(TABS).map((name) => (
          <Tab key={name} value={name} label={t(`person.tabs.${name}`)} id={`tab-${name}`} aria-controls="tab-panel" />
        ))}
      </PageTabs>
      <Box role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`}>
        <Shown person={person.data} />
      </Box>
      {isEditing && <PersonForm person={person.data} onClose={() => setEditing(false)} onSaved={() => setEditing(false)} />}
    </Page>
  );
}
