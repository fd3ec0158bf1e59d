import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";

import { EnrollmentCard } from "../../enrollment/EnrollmentCard";
import { useEnrollment } from "../../enrollment/follow";
import { GuidedCapture } from "../../enrollment/GuidedCapture";
import { type Enrollment, staffSource } from "../../enrollment/source";
import { Upload } from "../../enrollment/Upload";
import { useJudged } from "../../enrollment/useJudged";
import { useAsked } from "../../parts/asked";
import { Page } from "../../parts/Page";
import { useOrganization } from "../../parts/site";
import { Loading, ProblemNote } from "../../parts/states";
import { usePerson } from "../person/queries";

/** Enrolls a person's face with photos or before a camera, and follows what becomes of it. */
export function Enroll() {
  const { t } = useTranslation();
  const { personId = "" } = useParams();
  const [asked, ask] = useAsked();
  const person = usePerson(personId);
  const source = useMemo(() => staffSource(personId), [personId]);
  const by = asked.get("by") === "camera" ? "camera" : "upload";
  const followed = asked.get("enrollment");
  const [previews, setPreviews] = useState<readonly string[]>([]);
  const sent = (enrollment: Enrollment, pictures: readonly string[]) => {
    setPreviews(pictures);
    ask({ enrollment: enrollment.id });
  };
  useEffect(() => () => previews.forEach((address) => URL.revokeObjectURL(address)), [previews]);
  const completed = useCallback((id: string) => ask({ enrollment: id }), [ask]);
  const organization = useOrganization();
  if (person.error) return <ProblemNote error={person.error} retry={() => void person.refetch()} />;
  if (!person.data) return <Loading />;
  const actions = (
    <Button variant="outlined" component={Link} to={`/people/${personId}?tab=face`}>
      {t("enrollment.back")}
    </Button>
  );
  const isBarred =
    person.data.consent === "withdrawn" || (organization.data?.settings.consent_required === true && person.data.consent !== "given");
  return (
    <Page title={t("enrollment.title", { name: person.data.name })} actions={actions}>
      {followed ? (
        <Followed id={followed} source={source} previews={previews} onMore={() => ask({ enrollment: "" })} />
      ) : isBarred ? (
        <Alert
          severity="warning"
          action={
            <Button color="inherit" size="small" component={Link} to={`/people/${personId}?tab=consent`}>
              {t("person.tabs.consent")}
            </Button>
          }
        >
          {person.data.consent === "withdrawn" ? t("enrollment.consentWithdrawn") : t("enrollment.consentMissing")}
        </Alert>
      ) : (
        <>
          <Tabs
            value={by}
            onChange={(_, next: string) => ask({ by: next === "camera" ? "camera" : "" })}
            aria-label={t("enrollment.how")}
            sx={{ borderBottom: 1, borderColor: "divider", mb: 3 }}
          >
            <Tab value="upload" label={t("enrollment.byUpload")} />
            <Tab value="camera" label={t("enrollment.byCamera")} />
          </Tabs>
          {by === "camera" ? (
            <GuidedCapture source={source} onCompleted={completed} />
          ) : (
            <Paper sx={{ p: { xs: 2, sm: 3 } }}>
              <Upload source={source} onSent={sent} />
            </Paper>
          )}
        </>
      )}
    </Page>
  );
}

interface FollowedProps {
  id: string;
  source: ReturnType<typeof staffSource>;
  previews: readonly string[];
  onMore: () => void;
}

function Followed({ id, source, previews, onMore }: FollowedProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const enrollment = useEnrollment(source, id);
  const state = enrollment.data?.state;
  const judged = useJudged(id, state === "pending");
  const personId = enrollment.data?.person_id;
  useEffect(() => {
    if (state && state !== "pending") void client.invalidateQueries({ queryKey: ["person", personId] });
  }, [client, personId, state]);
  return (
    <Stack spacing={2}>
      {enrollment.error && <ProblemNote error={enrollment.error} retry={() => void enrollment.refetch()} />}
      {enrollment.isPending && <Loading />}
      {enrollment.data && (
        <Paper sx={{ p: { xs: 2, sm: 3 } }}>
          <EnrollmentCard enrollment={enrollment.data} previews={previews} judged={judged} />
        </Paper>
      )}
      {state && state !== "pending" && (
        <Button variant={state === "failed" ? "contained" : "outlined"} onClick={onMore} sx={{ alignSelf: "flex-start" }}>
          {state === "failed" ? t("enrollment.again") : t("enrollment.more")}
        </Button>
      )}
    </Stack>
  );
}
