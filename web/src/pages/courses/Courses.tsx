import Add from "@mui/icons-material/Add";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import MuiList from "@mui/material/List";
import ListItemButton from "@mui/material/ListItemButton";
import ListItemText from "@mui/material/ListItemText";
import MenuItem from "@mui/material/MenuItem";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import { useUser } from "../../auth/user";
import { type Course, courseCode } from "../../courses/queries";
import { List, useList } from "../../parts/List";
import { Page } from "../../parts/Page";
import { useAsked } from "../../parts/asked";
import { CourseDialog } from "./CourseDialog";

/** The courses of the organization. */
export function Courses() {
  const { t } = useTranslation();
  const user = useUser();
  const [asked, ask] = useAsked();
  const [isNew, setNew] = useState(false);
  const q = useDeferredValue(asked.get("q") ?? "");
  const held = asked.get("held") ?? "";
  const mine = asked.get("mine") === "1";
  const courses = useList<Course>(["courses", "list", q, held, mine], (cursor) =>
    data(
      api.GET("/api/v1/courses", {
        params: { query: { ...(q && { q }), ...(held && { is_active: held === "yes" }), ...(mine && { teacher_id: user.id }), ...(cursor && { cursor }) } },
      }),
    ),
  );
  return (
    <Page
      title={t("courses.title")}
      actions={
        <>
          <Button variant="outlined" component={Link} to="/holidays">
            {t("courses.holidays.title")}
          </Button>
          {user.role === "admin" && (
            <Button variant="contained" startIcon={<Add />} onClick={() => setNew(true)}>
              {t("courses.new")}
            </Button>
          )}
        </>
      }
    >
      <Stack direction={{ xs: "column", sm: "row" }} spacing={2} sx={{ mb: 2 }}>
        <TextField type="search" label={t("courses.search")} value={asked.get("q") ?? ""} onChange={(event) => ask({ q: event.target.value })} />
        <TextField select label={t("courses.held")} value={held} onChange={(event) => ask({ held: event.target.value })} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }} sx={{ maxWidth: { sm: 200 } }}>
          <MenuItem value="">{t("results.all")}</MenuItem>
          <MenuItem value="yes">{t("courses.active")}</MenuItem>
          <MenuItem value="no">{t("courses.inactive")}</MenuItem>
        </TextField>
        {user.role === "teacher" && (
          <TextField select label={t("courses.whose")} value={mine ? "1" : ""} onChange={(event) => ask({ mine: event.target.value })} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }} sx={{ maxWidth: { sm: 200 } }}>
            <MenuItem value="">{t("results.all")}</MenuItem>
            <MenuItem value="1">{t("courses.mine")}</MenuItem>
          </TextField>
        )}
      </Stack>
      <List list={courses} empty={t(q || held || mine ? "courses.none" : "courses.noneYet")}>
        {(rows) => (
          <Paper>
            <MuiList component="nav" disablePadding aria-label={t("courses.title")}>
              {rows.map((course) => (
                <ListItemButton key={course.id} component={Link} to={`/courses/${course.id}`} divider sx={{ gap: 2 }}>
                  <ListItemText primary={<span dir="auto">{course.title}</span>} secondary={<span dir="auto">{courseCode(course)}</span>} />
                  <Chip size="small" variant="outlined" color={course.is_active ? "success" : "default"} label={t(course.is_active ? "courses.active" : "courses.inactive")} />
                </ListItemButton>
              ))}
            </MuiList>
          </Paper>
        )}
      </List>
      {isNew && <CourseDialog onClose={() => setNew(false)} />}
    </Page>
  );
}
