import Add from "@mui/icons-material/Add";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { CourseSelect } from "../../parts/CourseSelect";
import { Page } from "../../parts/Page";
import { useAsked } from "../../parts/asked";
import { SessionDialog } from "./SessionDialog";
import { SessionList } from "./SessionList";
import { Week } from "./Week";
import type { SessionState } from "./queries";

const STATES: readonly SessionState[] = ["scheduled", "active", "closed"];

/** All sessions, as a list or by weeks; what is looked for is in the address. */
export function Sessions() {
  const { t } = useTranslation();
  const [asked, ask] = useAsked();
  const [isNew, setNew] = useState(false);
  const view = asked.get("view") === "list" ? "list" : "week";
  const courseId = asked.get("course") ?? "";
  const state = STATES.find((one) => one === asked.get("state"));
  return (
    <Page
      title={t("sessions.title")}
      actions={
        <Button variant="contained" startIcon={<Add />} onClick={() => setNew(true)}>
          {t("sessions.new")}
        </Button>
      }
    >
      <Stack direction={{ xs: "column", sm: "row" }} spacing={2} sx={{ mb: 2, alignItems: { sm: "center" } }}>
        <ToggleButtonGroup exclusive size="small" value={view} onChange={(_, next: string | null) => next && ask({ view: next === "list" ? "list" : "" })} aria-label={t("sessions.view")}>
          <ToggleButton value="week">{t("sessions.week")}</ToggleButton>
          <ToggleButton value="list">{t("sessions.list")}</ToggleButton>
        </ToggleButtonGroup>
        <CourseSelect label={t("sessions.course")} placeholder={t("sessions.allCourses")} value={courseId || null} onChange={(course) => ask({ course: course ?? "" })} />
        <TextField select label={t("sessions.state")} value={state ?? ""} onChange={(event) => ask({ state: event.target.value })} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }} sx={{ maxWidth: { sm: 200 } }}>
          <MenuItem value="">{t("sessions.allStates")}</MenuItem>
          {STATES.map((one) => (
            <MenuItem key={one} value={one}>
              {t(`sessions.states.${one}`)}
            </MenuItem>
          ))}
        </TextField>
      </Stack>
      {view === "week" ? <Week courseId={courseId} state={state} /> : <SessionList courseId={courseId} state={state} />}
      {isNew && <SessionDialog courseId={courseId} onClose={() => setNew(false)} />}
    </Page>
  );
}
