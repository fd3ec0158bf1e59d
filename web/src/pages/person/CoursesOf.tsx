import Link from "@mui/material/Link";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";

import { courseLabel } from "../../courses/queries";
import { Section } from "../../parts/Section";
import { Loading, ProblemNote } from "../../parts/states";
import type { Person } from "../people/personFields";
import { useCoursesOf } from "./queries";

/** The courses that the person is on the roster of. */
export function CoursesOf({ person }: { person: Person }) {
  const { t } = useTranslation();
  const courses = useCoursesOf(person.id);
  return (
    <Section title={t("person.courses.title")}>
      {courses.error && <ProblemNote error={courses.error} retry={() => void courses.refetch()} />}
      {courses.isPending && <Loading />}
      {courses.data?.length === 0 && <Typography color="textSecondary">{t("person.courses.none")}</Typography>}
      <Stack component="ul" spacing={0.5} sx={{ m: 0, p: 0, listStyle: "none" }}>
        {courses.data?.map((course) => (
          <li key={course.id}>
            <Link component={RouterLink} to={`/courses/${course.id}`} underline="hover">
              <bdi>{courseLabel(course)}</bdi>
            </Link>
          </li>
        ))}
      </Stack>
    </Section>
  );
}
