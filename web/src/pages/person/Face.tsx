import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import { useOrganization } from "../../auth/organization";
import { EnrollmentCard } from "../../enrollment/EnrollmentCard";
import { acceptedPhotos } from "../../enrollment/verdicts";
import { Facts } from "../../parts/Facts";
import { Section } from "../../parts/Section";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import type { Person } from "../people/personFields";
import { useIsEnrolled } from "./queries";

/** What the system has of a person's face, as far as anybody is told, and how it came there. */
export function Face({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { number, dateTime } = useFormats();
  const organization = useOrganization();
  const enrolled = useIsEnrolled(person);
  const enrollments = useInfiniteQuery({
    queryKey: ["person", person.id, "enrollments"],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/v1/people/{person_id}/enrollments", {
          params: { path: { person_id: person.id }, query: pageParam ? { cursor: pageParam } : {} },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    // Until all photos were looked at.
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some((one) => one.state === "pending")) ? 1500 : false,
  });
  const rows = enrollments.data?.pages.flatMap((page) => page.items) ?? [];
  const facts = acceptedPhotos(rows);
  const client = useQueryClient();
  useEffect(() => {
    // One that was waited for makes somebody recognised.
    void client.invalidateQueries({ queryKey: ["person", person.id, "enrolled"] });
  }, [client, person.id, facts.last]);
  const actions = (
    <>
      <Button variant="contained" component={Link} to={`/people/${person.id}/enroll?by=camera`}>
        {t("enrollment.byCamera")}
      </Button>
      <Button variant="outlined" component={Link} to={`/people/${person.id}/enroll`}>
        {t("enrollment.byUpload")}
      </Button>
    </>
  );
  return (
    <Stack spacing={3}>
      <Section title={t("person.face.title")} actions={actions}>
        {enrolled.error && <ProblemNote error={enrolled.error} retry={() => void enrolled.refetch()} />}
        {enrolled.data === false && <Typography>{t("person.face.no")}</Typography>}
        {enrolled.data === true && (
          <Facts
            facts={[
              [t("person.face.state"), t("person.face.yes")],
              [t("person.face.photos"), facts.count > 0 && number(facts.count)],
              [t("person.face.quality"), facts.best !== null && t("person.face.qualityOf", { best: number(facts.best) })],
              [t("person.face.last"), facts.last && dateTime(facts.last)],
              [t("person.face.contract"), organization.contract && <bdi dir="ltr">{organization.contract}</bdi>],
            ]}
          />
        )}
        <Typography variant="body2" color="textSecondary" sx={{ mt: 2 }}>
          {t("person.face.private")}
        </Typography>
      </Section>
      <Section title={t("person.face.enrollments")}>
        {enrollments.error && <ProblemNote error={enrollments.error} retry={() => void enrollments.refetch()} />}
        {enrollments.isPending && <Loading />}
        {enrollments.isSuccess && rows.length === 0 && <Empty title={t("person.face.none")} />}
        <Stack spacing={3}>
          {rows.toReversed().map((enrollment) => (
            <EnrollmentCard key={enrollment.id} enrollment={enrollment} />
          ))}
        </Stack>
        {enrollments.hasNextPage && (
          <Button onClick={() => void enrollments.fetchNextPage()} loading={enrollments.isFetchingNextPage}>
            {t("state.more")}
          </Button>
        )}
      </Section>
    </Stack>
  );
}
