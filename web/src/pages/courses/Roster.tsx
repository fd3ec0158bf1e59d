import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { allPages } from "../../api/pages";
import type { components } from "../../api/schema";
import type { Course } from "../../courses/queries";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { Section } from "../../parts/Section";
import { useAsked } from "../../parts/asked";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { AddPeople } from "./AddPeople";
import { RosterHistory } from "./RosterHistory";

type Person = components["schemas"]["Person"];

/** Who attends the course: faces are held against these first. */
export function Roster({ course, mayChange }: { course: Course; mayChange: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { number } = useFormats();
  const [asked, ask] = useAsked();
  const [leaving, setLeaving] = useState<Person | null>(null);
  const [isAdding, setAdding] = useState(false);
  const roster = useQuery({
    queryKey: ["courses", course.id, "roster"],
    queryFn: () => allPages((cursor) => data(api.GET("/api/v1/courses/{course_id}/roster", { params: { path: { course_id: course.id }, query: { limit: 200, ...(cursor && { cursor }) } } })), 10_000),
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/v1/courses/{course_id}/roster/{person_id}", { params: { path: { course_id: course.id, person_id: id } } }),
    onSuccess: async () => {
      setLeaving(null);
      await client.invalidateQueries({ queryKey: ["courses", course.id] });
    },
  });
  const q = (asked.get("q") ?? "").trim().toLocaleLowerCase();
  const all = roster.data ?? [];
  const rows = all.filter((person) => `${person.name} ${person.external_id}`.toLocaleLowerCase().includes(q));
  return (
    <Stack spacing={2}>
      <Section
        title={t("courses.rosterOf", { count: all.length, n: number(all.length) })}
        about={t("courses.rosterWhat")}
        actions={
          mayChange && (
            <Button variant="contained" onClick={() => setAdding(true)}>
              {t("courses.addPeople")}
            </Button>
          )
        }
      >
        {all.length > 0 && <TextField type="search" label={t("results.search")} value={asked.get("q") ?? ""} onChange={(event) => ask({ q: event.target.value })} sx={{ mb: 1, maxWidth: { sm: 320 } }} />}
        {roster.error && <ProblemNote error={roster.error} retry={() => void roster.refetch()} />}
        {roster.isPending && <Loading />}
        {roster.isSuccess && rows.length === 0 && <Empty title={t(q ? "sessions.nobodyFound" : "courses.noRoster")} />}
        {rows.map((person) => (
          <Stack key={person.id} direction="row" spacing={1.5} useFlexGap sx={{ py: 1, flexWrap: "wrap", alignItems: "center", borderBottom: 1, borderColor: "divider" }}>
            <Typography component="span" sx={{ flexGrow: 1, minWidth: 0, overflowWrap: "anywhere" }}>
              <span dir="auto">{person.name}</span>{" "}
              <Typography component="span" variant="body2" color="textSecondary" dir="auto">
                {person.external_id}
              </Typography>
            </Typography>
            {!person.is_active && <Chip size="small" variant="outlined" label={t("people.inactive")} />}
            {mayChange && (
              <Button size="small" color="error" onClick={() => setLeaving(person)} aria-label={t("courses.removeOf", { name: person.name })}>
                {t("courses.remove")}
              </Button>
            )}
          </Stack>
        ))}
      </Section>
      <RosterHistory courseId={course.id} zone={course.time_zone} />
      {isAdding && <AddPeople courseId={course.id} known={new Set(all.map((person) => person.id))} onClose={() => setAdding(false)} />}
      <ConfirmDialog
        open={leaving !== null}
        title={t("courses.removeOf", { name: leaving?.name ?? "" })}
        action={t("courses.remove")}
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => leaving && remove.mutate(leaving.id)}
        onClose={() => setLeaving(null)}
      >
        <Typography>{t("courses.removeWhat")}</Typography>
      </ConfirmDialog>
    </Stack>
  );
}
