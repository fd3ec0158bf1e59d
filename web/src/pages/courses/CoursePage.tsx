import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Stack from "@mui/material/Stack";
import Tab from "@mui/material/Tab";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";

import { api, data } from "../../api/client";
import { useUser } from "../../auth/user";
import { type Course, courseCode, useCourse } from "../../courses/queries";
import { Page } from "../../parts/Page";
import { PageTabs } from "../../parts/PageTabs";
import { ProblemPage } from "../../parts/ProblemPage";
import { useAsked } from "../../parts/asked";
import { Loading } from "../../parts/states";
import { addDays } from "../../time/days";
import { useFormats } from "../../time/formats";
import { CourseStatistics } from "../results/CourseStatistics";
import { SessionDialog } from "../sessions/SessionDialog";
import { CourseDialog } from "./CourseDialog";
import { PolicyForm } from "./PolicyForm";
import { Roster } from "./Roster";
import { Teachers } from "./Teachers";
import { Timetable } from "./Timetable";

const TABS = ["roster", "timetable", "policy", "teachers", "attendance"] as const;

export function CoursePage() {
  const { courseId = "" } = useParams();
  const course = useCourse(courseId);
  if (course.error && !course.data) return <ProblemPage error={course.error} retry={() => void course.refetch()} />;
  if (!course.data) return <Loading />;
  return <OneCourse key={courseId} course={course.data} />;
}

function OneCourse({ course }: { course: Course }) {
  const { t } = useTranslation();
  const user = useUser();
  const clock = useFormats(course.time_zone);
  const [asked, ask] = useAsked();
  const [dialog, setDialog] = useState<"edit" | "session" | null>(null);
  const tab = TABS.find((one) => one === asked.get("tab")) ?? "roster";
  const teachers = useQuery({
    queryKey: ["courses", course.id, "teachers"],
    queryFn: () => data(api.GET("/api/v1/courses/{course_id}/teachers", { params: { path: { course_id: course.id }, query: { limit: 200 } } })),
  });
  // Others are refused anyway; this only keeps buttons away that would do nothing.
  const mayChange = user.role === "admin" || (teachers.data?.items.some((one) => one.user_id === user.id) ?? false);
  return (
    <Page
      title={course.title}
      actions={
        <>
          <Button variant="outlined" component={Link} to={`/sessions?view=list&from=${addDays(clock.today(), -30)}&course=${course.id}`}>
            {t("sessions.title")}
          </Button>
          {mayChange && (
            <Button variant="outlined" onClick={() => setDialog("edit")}>
              {t("courses.edit")}
            </Button>
          )}
          {course.is_active && (
            <Button variant="contained" onClick={() => setDialog("session")}>
              {t("sessions.new")}
            </Button>
          )}
        </>
      }
    >
      <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: "wrap", alignItems: "center", mb: 2, mt: -1 }}>
        <Chip size="small" variant="outlined" color={course.is_active ? "success" : "default"} label={t(course.is_active ? "courses.active" : "courses.inactive")} />
        <Typography variant="body2" color="textSecondary" dir="auto">
          {courseCode(course)} · {clock.zone}
        </Typography>
      </Stack>
      <PageTabs value={tab} onChange={(_, next: string) => ask({ tab: next === "roster" ? "" : next })} aria-label={t("courses.parts")} sx={{ mb: 2 }}>
        {TABS.map((one) => (
          <Tab key={one} value={one} label={t(`courses.tabs.${one}`)} />
        ))}
      </PageTabs>
      {tab === "roster" && <Roster course={course} mayChange={mayChange} />}
      {tab === "timetable" && <Timetable course={course} mayChange={mayChange} />}
      {tab === "policy" && <PolicyForm course={course} mayChange={mayChange} />}
      {tab === "teachers" && <Teachers courseId={course.id} teachers={teachers} />}
      {tab === "attendance" && <CourseStatistics course={course} />}
      {dialog === "edit" && <CourseDialog course={course} onClose={() => setDialog(null)} />}
      {dialog === "session" && <SessionDialog courseId={course.id} onClose={() => setDialog(null)} />}
    </Page>
  );
}
