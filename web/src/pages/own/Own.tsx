import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Facts } from "../../parts/Facts";
import { Page } from "../../parts/Page";
import { Section } from "../../parts/Section";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { OwnAttendance } from "./OwnAttendance";
import { OwnConsents } from "./OwnConsents";
import { OwnErasure } from "./OwnErasure";
import { OwnFace } from "./OwnFace";
import { OwnPin } from "./OwnPin";
import { OwnStatistics } from "./OwnStatistics";
import { isNobody, ownPerson } from "./queries";

/** What is one's own: attendance, face, consent, and how to have it all erased. */
export function Own() {
  const { t } = useTranslation();
  const person = useQuery(ownPerson);
  if (isNobody(person.error)) {
    return (
      <Page title={t("own.title")}>
        <Empty title={t("own.nobody")} />
      </Page>
    );
  }
  return (
    <Page
      title={t("own.title")}
      actions={
        <Button variant="contained" component={Link} to="/check-in">
          {t("own.checkIn")}
        </Button>
      }
    >
      {person.error && <ProblemNote error={person.error} retry={() => void person.refetch()} />}
      {person.isPending && <Loading />}
      {person.data && (
        <Stack spacing={3}>
          <Section title={person.data.name}>
            <Facts
              facts={[
                [t("own.number"), <bdi key="number">{person.data.external_id}</bdi>],
                [t("own.secondNumber"), person.data.second_id && <bdi>{person.data.second_id}</bdi>],
                [t("own.class"), [person.data.class, person.data.section].filter(Boolean).join(" ")],
                [t("own.email"), person.data.email && <bdi>{person.data.email}</bdi>],
                [t("own.phone"), person.data.phone && <bdi dir="ltr">{person.data.phone}</bdi>],
              ]}
            />
          </Section>
          <OwnStatistics />
          <OwnAttendance />
          <OwnConsents />
          <OwnFace />
          <OwnPin />
          <OwnErasure />
        </Stack>
      )}
    </Page>
  );
}
