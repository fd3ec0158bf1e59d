import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";

import { useOrganization } from "../../auth/organization";
import { Enrolling } from "../../enrollment/Enrolling";
import { staffSource } from "../../enrollment/source";
import { Page } from "../../parts/Page";
import { useAsked } from "../../parts/asked";
import { Loading, ProblemNote } from "../../parts/states";
import { usePerson } from "../person/queries";

/** Enrolls a person's face with photos or before a camera, and follows what becomes of it. */
export function Enroll() {
  const { t } = useTranslation();
  const { personId = "" } = useParams();
  const [asked] = useAsked();
  const person = usePerson(personId);
  const source = useMemo(() => staffSource(personId), [personId]);
  const followed = asked.get("enrollment");
  const organization = useOrganization();
  if (person.error && !person.data) return <ProblemNote error={person.error} retry={() => void person.refetch()} />;
  if (!person.data) return <Loading />;
  const actions = (
    <Button variant="outlined" component={Link} to={`/people/${personId}?tab=face`}>
      {t("enrollment.back")}
    </Button>
  );
  const isBarred =
    person.data.consent === "withdrawn" || (organization.settings.consent_required && person.data.consent !== "given");
  return (
    <Page title={t("enrollment.title", { name: person.data.name })} actions={actions}>
      {isBarred && !followed ? (
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
        <Enrolling source={source} />
      )}
    </Page>
  );
}
