import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useTranslation } from "react-i18next";

import { courseCode, useCourses } from "./queries";

/** One course of all, or "" for all. */
export function CourseSelect({ value, onChange, label }: { value: string; onChange: (id: string) => void; label?: string }) {
  const { t } = useTranslation();
  const courses = useCourses();
  const known = courses.data?.has(value) ? value : "";
  return (
    <TextField select label={label ?? t("sessions.course")} value={known} onChange={(event) => onChange(event.target.value)} sx={{ maxWidth: { sm: 320 } }}>
      <MenuItem value="">{label ?? t("sessions.allCourses")}</MenuItem>
      {[...(courses.data?.values() ?? [])].map((course) => (
        <MenuItem key={course.id} value={course.id}>
          {courseCode(course)} · {course.title}
        </MenuItem>
      ))}
    </TextField>
  );
}
