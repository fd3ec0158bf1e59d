import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import { useAttempts } from "../../api/idempotency";
import type { components } from "../../api/schema";
import { useUser } from "../../auth/user";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { List, useList } from "../../parts/List";
import { Page } from "../../parts/Page";
import { ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";

type Holiday = components["schemas"]["Holiday"];

/** Days on which no series of the organization meets. */
export function Holidays() {
  const { t } = useTranslation();
  const { day: written } = useFormats();
  const client = useQueryClient();
  const isAdmin = useUser().role === "admin";
  const attempts = useAttempts();
  const [name, setName] = useState("");
  const [first, setFirst] = useState("");
  const [last, setLast] = useState("");
  const [gone, setGone] = useState<Holiday | null>(null);
  const holidays = useList<Holiday>(["holidays", "list"], (cursor) => data(api.GET("/api/v1/holidays", { params: { query: cursor ? { cursor } : {} } })));
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: ["holidays"] });
    await client.invalidateQueries({ queryKey: ["sessions"] });
  };
  const add = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), first_day: first, ...(last && { last_day: last }) };
      return data(api.POST("/api/v1/holidays", { params: { header: { "Idempotency-Key": attempts.keyFor(body) } }, body }));
    },
    onSuccess: async () => {
      attempts.done();
      setName("");
      setFirst("");
      setLast("");
      await refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/v1/holidays/{holiday_id}", { params: { path: { holiday_id: id } } }),
    onSuccess: async () => {
      setGone(null);
      await refresh();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const days = (holiday: Holiday) => [...new Set([holiday.first_day, holiday.last_day])].map((day) => written(day)).join(" – ");
  return (
    <Page
      title={t("courses.holidays.title")}
      actions={
        <Button variant="outlined" component={Link} to="/courses">
          {t("courses.title")}
        </Button>
      }
    >
      <Typography color="textSecondary" sx={{ mb: 2 }}>
        {t("courses.holidays.what")}
      </Typography>
      <Paper sx={{ p: { xs: 2, sm: 3 } }}>
        {isAdmin && (
          <Stack component="form" onSubmit={submit} direction={{ xs: "column", sm: "row" }} spacing={2} sx={{ mb: 2 }}>
            <TextField required label={t("courses.holidays.name")} value={name} onChange={(event) => setName(event.target.value)} slotProps={{ htmlInput: { maxLength: 200 } }} />
            <TextField required type="date" label={t("courses.holidays.first")} value={first} onChange={(event) => setFirst(event.target.value)} slotProps={{ inputLabel: { shrink: true } }} />
            <TextField type="date" label={t("courses.holidays.last")} value={last} onChange={(event) => setLast(event.target.value)} slotProps={{ inputLabel: { shrink: true }, htmlInput: { min: first } }} />
            <Button type="submit" variant="contained" loading={add.isPending} sx={{ flexShrink: 0 }}>
              {t("courses.add")}
            </Button>
          </Stack>
        )}
        {add.error && <ProblemNote error={add.error} />}
        <List list={holidays} empty={t("courses.holidays.none")}>
          {(rows) =>
            rows.map((holiday) => (
              <Stack key={holiday.id} direction="row" spacing={1.5} useFlexGap sx={{ py: 1, flexWrap: "wrap", alignItems: "center", borderBottom: 1, borderColor: "divider" }}>
                <Typography dir="auto" sx={{ flexGrow: 1 }}>
                  {holiday.name}
                </Typography>
                <Typography variant="body2" color="textSecondary">
                  {days(holiday)}
                </Typography>
                {isAdmin && (
                  <Button size="small" color="error" onClick={() => setGone(holiday)} aria-label={t("courses.removeOf", { name: holiday.name })}>
                    {t("courses.remove")}
                  </Button>
                )}
              </Stack>
            ))
          }
        </List>
      </Paper>
      <ConfirmDialog
        open={gone !== null}
        title={t("courses.removeOf", { name: gone?.name ?? "" })}
        action={t("courses.remove")}
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => gone && remove.mutate(gone.id)}
        onClose={() => setGone(null)}
      >
        <Typography>{t("courses.holidays.removeWhat")}</Typography>
      </ConfirmDialog>
    </Page>
  );
}
