import Stack from "@mui/material/Stack";
import { useTranslation } from "react-i18next";

import { useUser } from "../../auth/user";
import { Facts } from "../../parts/Facts";
import { Section } from "../../parts/Section";
import { useFormats } from "../../time/formats";
import type { Person } from "../people/personFields";
import { CoursesOf } from "./CoursesOf";
import { Erase } from "./Erase";
import { Pin } from "./Pin";
import { Rejections } from "./Rejections";

export function Overview({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { role } = useUser();
  const { dateTime } = useFormats();
  return (
    <Stack spacing={3}>
      <Section title={t("person.facts")}>
        <Facts
          facts={[
            [t("person.fields.external_id"), <bdi dir="ltr">{person.external_id}</bdi>],
            [t("person.fields.second_id"), person.second_id && <bdi dir="ltr">{person.second_id}</bdi>],
            [t("people.kind"), t(`people.kinds.${person.kind}`)],
            [t("person.fields.class"), person.class && <bdi>{person.class}</bdi>],
            [t("person.fields.section"), person.section && <bdi>{person.section}</bdi>],
            [t("person.fields.email"), person.email && <bdi dir="ltr">{person.email}</bdi>],
            [t("person.fields.phone"), person.phone && <bdi dir="ltr">{person.phone}</bdi>],
            [t("person.fields.notes"), person.notes && <bdi>{person.notes}</bdi>],
            [t("person.createdAt"), dateTime(person.created_at)],
            [t("person.updatedAt"), dateTime(person.updated_at)],
          ]}
        />
      </Section>
      <CoursesOf person={person} />
      <Pin person={person} />
      <Rejections person={person} />
      {role === "admin" && <Erase person={person} />}
    </Stack>
  );
}
