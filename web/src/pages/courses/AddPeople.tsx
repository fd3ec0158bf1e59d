import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";

const SHOWN = 200;
/** As many as one request may hold. */
const MOST = 1000;

/** Puts people on a roster: found by name or number, or all of a class and section. */
export function AddPeople({ courseId, known, onClose }: { courseId: string; known: ReadonlySet<string>; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { number } = useFormats();
  const [typed, setTyped] = useState({ q: "", class: "", section: "" });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const wanted = useDeferredValue(typed);
  const people = useQuery({
    queryKey: ["people", "adding", wanted],
    queryFn: () => {
      const query = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value.trim() !== ""));
      return data(api.GET("/api/v1/people", { params: { query: { ...query, limit: SHOWN } } }));
    },
  });
  const add = useMutation({
    mutationFn: () => data(api.POST("/api/v1/courses/{course_id}/roster", { params: { path: { course_id: courseId } }, body: { person_ids: [...chosen] } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["courses", courseId] });
      onClose();
    },
  });
  const rows = (people.data?.items ?? []).filter((person) => !known.has(person.id));
  const choose = (ids: readonly string[], on: boolean) =>
    setChosen((before) => {
      const after = new Set(before);
      for (const id of ids) {
        if (on) after.add(id);
        else after.delete(id);
      }
      return after;
    });
  return (
    <ConfirmDialog
      open
      title={t("courses.addPeople")}
      action={chosen.size === 0 ? t("courses.add") : t("courses.addCount", { count: chosen.size, n: number(chosen.size) })}
      disabled={chosen.size === 0 || chosen.size > MOST}
      pending={add.isPending}
      error={add.error}
      onConfirm={() => add.mutate()}
      onClose={onClose}
    >
      <TextField type="search" label={t("results.search")} value={typed.q} onChange={(event) => setTyped({ ...typed, q: event.target.value })} />
      <Stack direction="row" spacing={2}>
        <TextField label={t("people.class")} value={typed.class} onChange={(event) => setTyped({ ...typed, class: event.target.value })} />
        <TextField label={t("people.section")} value={typed.section} onChange={(event) => setTyped({ ...typed, section: event.target.value })} />
      </Stack>
      {people.error && <ProblemNote error={people.error} retry={() => void people.refetch()} />}
      {people.isPending && <Loading />}
      {people.isSuccess && rows.length === 0 && <Typography color="textSecondary">{t("courses.nobodyToAdd")}</Typography>}
      {rows.length > 0 && (
        <>
          <Button size="small" sx={{ alignSelf: "start" }} onClick={() => choose(rows.map((person) => person.id), true)}>
            {t("courses.chooseAll", { count: rows.length, n: number(rows.length) })}
          </Button>
          <Stack sx={{ maxHeight: 300, overflowY: "auto" }}>
            {rows.map((person) => (
              <FormControlLabel
                key={person.id}
                control={<Checkbox size="small" checked={chosen.has(person.id)} onChange={(event) => choose([person.id], event.target.checked)} />}
                label={
                  <>
                    <span dir="auto">{person.name}</span>{" "}
                    <Typography component="span" variant="body2" color="textSecondary" dir="auto">
                      {[person.external_id, person.class, person.section].filter(Boolean).join(" · ")}
                    </Typography>
                  </>
                }
              />
            ))}
          </Stack>
          {people.data?.next && (
            <Typography variant="body2" color="textSecondary">
              {t("courses.moreThanShown", { n: number(SHOWN) })}
            </Typography>
          )}
        </>
      )}
    </ConfirmDialog>
  );
}
