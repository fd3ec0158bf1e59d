import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import { EnrollmentCard } from "../../enrollment/EnrollmentCard";
import { Section } from "../../parts/Section";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import type { Person } from "../people/personFields";
import { Templates } from "./Templates";

/** What the system has of a person's face, and how it came there. */
export function Face({ person }: { person: Person }) {
  const { t } = useTranslation();
  const enrollments = useInfiniteQuery({
    queryKey: ["person", person.id, "enrollments"],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/v1/enrollments", { params: { query: { person_id: person.id, ...(pageParam && { cursor: pageParam }) } } }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    // Until all photos were looked at.
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some((one) => one.state === "pending")) ? 1500 : false,
  });
  const rows = enrollments.data?.pages.flatMap((page) => page.items) ?? [];
  const finished = rows.filter((one) => one.state === "completed").length;
  const client = useQueryClient();
  useEffect(() => {
    // One that was waited for makes templates.
    void client.invalidateQueries({ queryKey: ["person", person.id, "templates"] });
  }, [client, person.id, finished]);
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
        <Templates personId={person.id} />
        <Typography variant="body2" color="textSecondary" sx={{ mt: 2 }}>
          {t("person.face.private")}
        </Typography>
      </Section>
      <Section title={t("person.face.enrollments")}>
        {enrollments.error && <ProblemNote error={enrollments.error} retry={() => void enrollments.refetch()} />}
        {enrollments.isPending && <Loading />}
        {enrollments.isSuccess && rows.length === 0 && <Empty title={t("person.face.none")} />}
        <Stack spacing={3}>
          {rows.map((enrollment) => (
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
