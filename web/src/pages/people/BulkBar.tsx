import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { CourseSelect } from "../../parts/CourseSelect";
import { type BulkOutcome, type BulkProgress, forEach } from "./bulk";
import type { Person } from "./personFields";

interface Props {
  people: readonly Person[];
  onClear: () => void;
}

type Ask = "activate" | "deactivate" | "course" | null;

/** What can be done with everybody who is ticked. */
export function BulkBar({ people, onClear }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [ask, setAsk] = useState<Ask>(null);
  const [course, setCourse] = useState<string | null>(null);
  const [progress, setProgress] = useState<BulkProgress | null>(null);
  const [outcome, setOutcome] = useState<BulkOutcome<Person> | null>(null);
  const change = useMutation({
    mutationFn: async (isActive: boolean) => {
      const concerned = people.filter((person) => person.is_active !== isActive);
      return forEach(
        concerned,
        (person) =>
          api.PATCH("/api/v1/people/{person_id}", { params: { path: { person_id: person.id } }, body: { is_active: isActive } }),
        setProgress,
      );
    },
    onSuccess: async (result) => {
      setOutcome(result);
      setAsk(null);
      await client.invalidateQueries({ queryKey: ["people"] });
    },
    onSettled: () => setProgress(null),
  });
  const add = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/courses/{course_id}/roster", {
          params: { path: { course_id: course ?? "" } },
          body: { person_ids: people.map((person) => person.id) },
        }),
      ),
    onSuccess: async () => {
      setOutcome({ succeeded: [...people], failed: [] });
      setAsk(null);
      await client.invalidateQueries({ queryKey: ["people"] });
    },
  });
  const count = people.length;
  return (
    <Paper sx={{ p: 1.5, mb: 2, position: "sticky", top: { xs: 64, sm: 72 }, zIndex: 2 }}>
      <Stack direction="row" useFlexGap spacing={1} sx={{ alignItems: "center", flexWrap: "wrap" }}>
        <Typography sx={{ fontWeight: 650, flexGrow: 1 }} role="status">
          {t("people.selected", { count })}
        </Typography>
        <Button onClick={() => setAsk("course")}>{t("people.addToCourse")}</Button>
        <Button onClick={() => setAsk("activate")}>{t("people.activate")}</Button>
        <Button onClick={() => setAsk("deactivate")}>{t("people.deactivate")}</Button>
        <Button color="inherit" onClick={onClear}>
          {t("people.clearSelection")}
        </Button>
      </Stack>
      {outcome && <Outcome outcome={outcome} onClose={() => setOutcome(null)} />}
      {(ask === "activate" || ask === "deactivate") && (
        <ConfirmDialog
          open
          title={t(`people.${ask}Title`, { count })}
          action={t(`people.${ask}`)}
          pending={change.isPending}
          error={change.error}
          onConfirm={() => change.mutate(ask === "activate")}
          onClose={() => setAsk(null)}
        >
          <Typography>{t(`people.${ask}Why`)}</Typography>
          {progress && (
            <LinearProgress
              variant="determinate"
              value={(100 * progress.done) / Math.max(1, progress.total)}
              aria-label={t("people.progress", { done: progress.done, total: progress.total })}
            />
          )}
        </ConfirmDialog>
      )}
      {ask === "course" && (
        <ConfirmDialog
          open
          title={t("people.addToCourseTitle", { count })}
          action={t("people.addToCourse")}
          disabled={!course}
          pending={add.isPending}
          error={add.error}
          onConfirm={() => add.mutate()}
          onClose={() => setAsk(null)}
        >
          <CourseSelect label={t("people.filters.course")} value={course} onChange={setCourse} autoFocus />
        </ConfirmDialog>
      )}
    </Paper>
  );
}

function Outcome({ outcome, onClose }: { outcome: BulkOutcome<Person>; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert severity={outcome.failed.length > 0 ? "warning" : "success"} onClose={onClose} sx={{ mt: 1 }}>
      {t("people.changed", { count: outcome.succeeded.length })}
      {outcome.failed.length > 0 && (
        <ul>
          {outcome.failed.map(({ item, error }) => (
            <li key={item.id}>
              <bdi>{item.name}</bdi>: {error.message}
            </li>
          ))}
        </ul>
      )}
    </Alert>
  );
}
