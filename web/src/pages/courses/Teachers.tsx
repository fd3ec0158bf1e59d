import Autocomplete from "@mui/material/Autocomplete";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { type UseQueryResult, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { type User, useUser } from "../../auth/user";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { Section } from "../../parts/Section";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";

type Teacher = components["schemas"]["CourseTeacher"];

/** Who teaches the course, and so may change it and see its attendance. Administrators say who does. */
export function Teachers({ courseId, teachers }: { courseId: string; teachers: UseQueryResult<components["schemas"]["Page_CourseTeacher"]> }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const clock = useFormats();
  const isAdmin = useUser().role === "admin";
  const [chosen, setChosen] = useState<User | null>(null);
  const [leaving, setLeaving] = useState<Teacher | null>(null);
  const users = useQuery({
    queryKey: ["users", "teachers"],
    queryFn: () => data(api.GET("/api/v1/users", { params: { query: { role: "teacher", limit: 200 } } })),
    enabled: isAdmin,
  });
  const refresh = () => client.invalidateQueries({ queryKey: ["courses", courseId, "teachers"] });
  const add = useMutation({
    mutationFn: (id: string) => api.PUT("/api/v1/courses/{course_id}/teachers/{user_id}", { params: { path: { course_id: courseId, user_id: id } } }),
    onSuccess: async () => {
      setChosen(null);
      await refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/v1/courses/{course_id}/teachers/{user_id}", { params: { path: { course_id: courseId, user_id: id } } }),
    onSuccess: async () => {
      setLeaving(null);
      await refresh();
    },
  });
  const rows = teachers.data?.items ?? [];
  const others = (users.data?.items ?? []).filter((user) => !rows.some((one) => one.user_id === user.id));
  return (
    <Section title={t("courses.tabs.teachers")} about={t("courses.teachersWhat")}>
      {isAdmin && (
        <Stack direction={{ xs: "column", sm: "row" }} spacing={1.5} sx={{ mb: 2 }}>
          <Autocomplete
            sx={{ flexGrow: 1 }}
            options={others}
            value={chosen}
            onChange={(_, user) => setChosen(user)}
            getOptionLabel={(user) => user.email}
            getOptionKey={(user) => user.id}
            noOptionsText={t("sessions.nobodyFound")}
            renderInput={(params) => <TextField {...params} label={t("courses.teacher")} />}
          />
          <Button variant="contained" disabled={!chosen} loading={add.isPending} onClick={() => chosen && add.mutate(chosen.id)}>
            {t("courses.add")}
          </Button>
        </Stack>
      )}
      {add.error && <ProblemNote error={add.error} />}
      {teachers.error && <ProblemNote error={teachers.error} retry={() => void teachers.refetch()} />}
      {teachers.isPending && <Loading />}
      {teachers.isSuccess && rows.length === 0 && <Empty title={t("courses.noTeachers")} />}
      {rows.map((teacher) => (
        <Stack key={teacher.user_id} direction="row" spacing={1.5} useFlexGap sx={{ py: 1, flexWrap: "wrap", alignItems: "center", borderBottom: 1, borderColor: "divider" }}>
          <Typography dir="auto" sx={{ flexGrow: 1, overflowWrap: "anywhere" }}>
            {teacher.email}
          </Typography>
          <Typography variant="body2" color="textSecondary">
            {t("courses.since", { day: clock.weekdayDate(teacher.added_at) })}
          </Typography>
          {isAdmin && (
            <Button size="small" color="error" onClick={() => setLeaving(teacher)} aria-label={t("courses.removeOf", { name: teacher.email })}>
              {t("courses.remove")}
            </Button>
          )}
        </Stack>
      ))}
      <ConfirmDialog
        open={leaving !== null}
        title={t("courses.removeOf", { name: leaving?.email ?? "" })}
        action={t("courses.remove")}
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => leaving && remove.mutate(leaving.user_id)}
        onClose={() => setLeaving(null)}
      >
        <Typography>{t("courses.removeTeacherWhat")}</Typography>
      </ConfirmDialog>
    </Section>
  );
}
