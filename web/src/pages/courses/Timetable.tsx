import Add from "@mui/icons-material/Add";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import type { Course, Series } from "../../courses/queries";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { List, useList } from "../../parts/List";
import { Section } from "../../parts/Section";
import { useFormats } from "../../time/formats";
import { SeriesDialog } from "./SeriesDialog";
import { weekdayName, weeklyOf } from "./rule";

/** When the course meets again and again. */
export function Timetable({ course, mayChange }: { course: Course; mayChange: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [editing, setEditing] = useState<Series | "new" | null>(null);
  const [ending, setEnding] = useState<Series | null>(null);
  const series = useList<Series>(["courses", course.id, "series"], (cursor) =>
    data(api.GET("/api/v1/courses/{course_id}/series", { params: { path: { course_id: course.id }, query: cursor ? { cursor } : {} } })),
  );
  const remove = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/v1/series/{series_id}", { params: { path: { series_id: id } } }),
    onSuccess: async () => {
      setEnding(null);
      await client.invalidateQueries({ queryKey: ["courses", course.id, "series"] });
      await client.invalidateQueries({ queryKey: ["sessions"] });
    },
  });
  return (
    <Section
      title={t("courses.tabs.timetable")}
      about={t("courses.timetableWhat")}
      actions={
        mayChange && (
          <Button variant="contained" startIcon={<Add />} onClick={() => setEditing("new")}>
            {t("courses.series.new")}
          </Button>
        )
      }
    >
      <List list={series} empty={t("courses.series.none")}>
        {(rows) =>
          rows.map((one) => (
            <Stack key={one.id} direction="row" spacing={1.5} useFlexGap sx={{ py: 1.5, flexWrap: "wrap", alignItems: "center", borderBottom: 1, borderColor: "divider" }}>
              <SeriesWords series={one} />
              <Button size="small" component={Link} to={`/sessions?view=list&course=${course.id}`}>
                {t("sessions.title")}
              </Button>
              {mayChange && (
                <>
                  <Button size="small" onClick={() => setEditing(one)}>
                    {t("courses.series.change")}
                  </Button>
                  <Button size="small" color="error" onClick={() => setEnding(one)}>
                    {t("courses.series.end")}
                  </Button>
                </>
              )}
            </Stack>
          ))
        }
      </List>
      {editing && <SeriesDialog course={course} {...(editing !== "new" && { series: editing })} onClose={() => setEditing(null)} />}
      <ConfirmDialog
        open={ending !== null}
        title={t("courses.series.endQuestion")}
        action={t("courses.series.end")}
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => ending && remove.mutate(ending.id)}
        onClose={() => setEnding(null)}
      >
        <Typography>{t("courses.series.endWhat")}</Typography>
      </ConfirmDialog>
    </Section>
  );
}

function SeriesWords({ series }: { series: Series }) {
  const { t, i18n } = useTranslation();
  const { day } = useFormats();
  const weekly = weeklyOf(series.rule);
  const list = new Intl.ListFormat(i18n.language, { type: "conjunction" });
  const days = weekly ? list.format(weekly.days.map((one) => weekdayName(one, i18n.language, "long"))) : "";
  const facts = [
    t("courses.series.at", { time: series.start_time.slice(0, 5), count: series.duration_minutes }),
    t("courses.series.fromDay", { day: day(series.starts_on) }),
    weekly?.until ? t("courses.series.untilDay", { day: day(weekly.until) }) : "",
  ];
  return (
    <Stack sx={{ flexGrow: 1, minWidth: 200 }}>
      <Typography sx={{ fontWeight: 650 }}>
        {weekly ? (weekly.interval > 1 ? t("courses.series.everyWeeks", { count: weekly.interval, days }) : t("courses.series.weekly", { days })) : <code dir="ltr">{series.rule}</code>}
      </Typography>
      <Typography variant="body2" color="textSecondary">
        {facts.filter(Boolean).join(" · ")}
      </Typography>
      {series.automatic && <Chip size="small" variant="outlined" label={t("sessions.automatic")} sx={{ alignSelf: "start", mt: 0.5 }} />}
    </Stack>
  );
}
