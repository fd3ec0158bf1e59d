import Tab from "@mui/material/Tab";
import { useTranslation } from "react-i18next";

import { useCourses } from "../../courses/queries";
import { CourseSelect } from "../../parts/CourseSelect";
import { Page } from "../../parts/Page";
import { PageTabs } from "../../parts/PageTabs";
import { useAsked } from "../../parts/asked";
import { Empty } from "../../parts/states";
import { ByDay } from "./ByDay";
import { ByPerson } from "./ByPerson";
import { CourseStatistics } from "./CourseStatistics";

const VIEWS = ["day", "course", "person"] as const;

/** Who was there: on a day, in a course, or one person everywhere. */
export function Results() {
  const { t } = useTranslation();
  const [asked, ask] = useAsked();
  const view = VIEWS.find((one) => one === asked.get("by")) ?? "day";
  return (
    <Page title={t("results.title")}>
      <PageTabs value={view} onChange={(_, next: string) => ask({ by: next === "day" ? "" : next })} aria-label={t("results.title")} sx={{ mb: 2 }}>
        {VIEWS.map((one) => (
          <Tab key={one} value={one} label={t(`results.views.${one}`)} />
        ))}
      </PageTabs>
      {view === "day" && <ByDay />}
      {view === "course" && <ByCourse />}
      {view === "person" && <ByPerson />}
    </Page>
  );
}

function ByCourse() {
  const { t } = useTranslation();
  const [asked, ask] = useAsked();
  const courses = useCourses();
  const id = asked.get("course") ?? "";
  const course = courses.data?.get(id);
  return (
    <>
      <div style={{ marginBlockEnd: 16 }}>
        <CourseSelect label={t("results.whichCourse")} value={id || null} onChange={(next) => ask({ course: next ?? "" })} />
      </div>
      {course ? <CourseStatistics key={id} course={course} /> : <Empty title={t("results.chooseCourse")} />}
    </>
  );
}
