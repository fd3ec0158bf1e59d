import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useOrganization } from "../../auth/organization";
import { Enrolling } from "../../enrollment/Enrolling";
import { OWN_SOURCE } from "../../enrollment/source";
import { Page } from "../../parts/Page";
import { Loading, ProblemNote } from "../../parts/states";
import { ownPerson } from "./queries";

/** Enrolls one's own face, where the organization lets its members. */
export function OwnEnrollment() {
  const { t } = useTranslation();
  const { settings } = useOrganization();
  const person = useQuery(ownPerson);
  const consent = person.data?.consent;
  const isBarred = consent === "withdrawn" || (settings.consent_required && consent !== "given");
  return (
    <Page
      title={t("own.enroll")}
      actions={
        <Button variant="outlined" component={Link} to="/me">
          {t("own.title")}
        </Button>
      }
    >
      {person.error && <ProblemNote error={person.error} retry={() => void person.refetch()} />}
      {person.isPending && <Loading />}
      {person.data && !settings.members_may_enroll && <Alert severity="info">{t("own.faceByStaff")}</Alert>}
      {person.data && settings.members_may_enroll && isBarred && <Alert severity="warning">{t("own.consentFirst")}</Alert>}
      {person.data && settings.members_may_enroll && !isBarred && <Enrolling source={OWN_SOURCE} />}
    </Page>
  );
}
