import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import MenuItem from "@mui/material/MenuItem";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import { filesContent, useAttempts } from "../../api/idempotency";
import { multipart } from "../../api/multipart";
import { Problem } from "../../api/problem";
import type { components } from "../../api/schema";
import { DropArea } from "../../parts/DropArea";
import { ProblemNote } from "../../parts/states";
import { Counted } from "./Counted";
import { Problems, problemsOf } from "./Problems";

type RosterImported = components["schemas"]["RosterImported"];

const NUMBERS = ["sourced_id", "identifier"] as const;

/** A OneRoster archive of a student information system: looked through first, then imported whole or not at all. */
export function OneRoster() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const attempts = useAttempts();
  const [file, setFile] = useState<File | null>(null);
  const [number, setNumber] = useState<(typeof NUMBERS)[number]>("sourced_id");
  const run = (dryRun: boolean) => {
    if (!file) throw new Error("no file was chosen");
    const key = attempts.keyFor([filesContent([file]), number]);
    return data(
      api.POST("/api/v1/people/imports/oneroster", {
        params: { query: { dry_run: dryRun, external_id: number }, ...(!dryRun && { header: { "Idempotency-Key": key } }) },
        ...multipart<components["schemas"]["RosterFile"]>([["file", file]]),
      }),
    );
  };
  const check = useMutation({ mutationFn: () => run(true) });
  const commit = useMutation({
    mutationFn: () => run(false),
    onSuccess: async () => {
      attempts.done();
      await client.invalidateQueries({ queryKey: ["people"] });
      await client.invalidateQueries({ queryKey: ["courses"] });
    },
  });
  const anew = () => {
    check.reset();
    commit.reset();
  };
  const refused = commit.error instanceof Problem && commit.error.code === "import_refused" ? problemsOf(commit.error.errors) : null;
  const problems = refused ?? check.data?.problems ?? [];
  const found = commit.data ?? check.data;
  return (
    <Stack spacing={3}>
      <Typography>{t("import.rosterWhat")}</Typography>
      {!found && (
        <>
          <DropArea
            label={t("import.chooseArchive")}
            hint={t("import.rosterHint")}
            accept=".zip,application/zip"
            disabled={check.isPending}
            onFiles={([chosen]) => chosen && setFile(chosen)}
          />
          {file && <Chip label={<bdi dir="ltr">{file.name}</bdi>} onDelete={() => setFile(null)} sx={{ alignSelf: "flex-start" }} />}
          <TextField
            select
            label={t("import.number")}
            helperText={t("import.numberHint")}
            value={number}
            onChange={(event) => setNumber(event.target.value as (typeof NUMBERS)[number])}
            sx={{ maxWidth: 420 }}
          >
            {NUMBERS.map((one) => (
              <MenuItem key={one} value={one}>
                {t(`import.numbers.${one}`)}
              </MenuItem>
            ))}
          </TextField>
          {check.error && <ProblemNote error={check.error} />}
          <Button variant="contained" disabled={!file} loading={check.isPending} onClick={() => check.mutate()} sx={{ alignSelf: "flex-start" }}>
            {t("import.check")}
          </Button>
        </>
      )}
      {found && problems.length > 0 && <Problems problems={problems} />}
      {found && problems.length === 0 && <Found found={found} />}
      {found && (
        <>
          {commit.error && !refused && <ProblemNote error={commit.error} />}
          <Stack direction="row" useFlexGap spacing={1} sx={{ flexWrap: "wrap" }}>
            {commit.data ? (
              <Button variant="contained" component={Link} to="/people">
                {t("import.seePeople")}
              </Button>
            ) : (
              <Button variant="contained" disabled={problems.length > 0} loading={commit.isPending} onClick={() => commit.mutate()}>
                {t("import.commitRoster")}
              </Button>
            )}
            <Button variant="outlined" disabled={commit.isPending} onClick={anew}>
              {t("import.otherFile")}
            </Button>
          </Stack>
        </>
      )}
    </Stack>
  );
}

function Found({ found }: { found: RosterImported }) {
  const { t } = useTranslation();
  const counts = (of: RosterImported["people"]) =>
    [
      [t("import.created"), of.created],
      [t("import.updated"), of.updated],
      [t("import.unchanged"), of.unchanged],
    ] as const;
  return (
    <Stack spacing={2}>
      <Typography role="status">{found.dry_run ? t("import.wouldBe") : t("import.was")}</Typography>
      <Typography variant="h3">{t("people.title")}</Typography>
      <Counted counts={counts(found.people)} />
      <Typography variant="h3">{t("import.courses")}</Typography>
      <Counted counts={counts(found.courses)} />
      <Typography variant="h3">{t("import.rosters")}</Typography>
      <Counted
        counts={[
          [t("import.rosterAdded"), found.roster_added],
          [t("import.rosterRemoved"), found.roster_removed],
          [t("import.teachersAdded"), found.teachers_added],
          [t("import.teachersRemoved"), found.teachers_removed],
          [t("import.teachersUnknown"), found.teachers_unknown],
        ]}
      />
    </Stack>
  );
}
