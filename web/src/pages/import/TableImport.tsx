import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Step from "@mui/material/Step";
import StepLabel from "@mui/material/StepLabel";
import Stepper from "@mui/material/Stepper";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import { filesContent, useAttempts } from "../../api/idempotency";
import { multipart } from "../../api/multipart";
import { Problem } from "../../api/problem";
import type { components } from "../../api/schema";
import { DropArea } from "../../parts/DropArea";
import { ProblemNote } from "../../parts/states";
import { ColumnMapping } from "./ColumnMapping";
import { Counted } from "./Counted";
import { type Reading, guessColumns, lacks, mappingOf } from "./mapping";
import { Problems, problemsOf } from "./Problems";
import { decode, isUnicode, preview } from "./table";

type PeopleImported = components["schemas"]["PeopleImported"];

interface Table {
  file: File;
  bytes: Uint8Array;
}

const STEPS = ["file", "columns", "check", "done"] as const;

/** A table of people: chosen, its columns named, looked through by the server, and then imported whole or not at all. */
export function TableImport() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const attempts = useAttempts();
  const [table, setTable] = useState<Table | null>(null);
  const [reading, setReading] = useState<Reading | null>(null);
  const run = (dryRun: boolean) => {
    if (!table || !reading) throw new Error("no table was chosen");
    const mapping = JSON.stringify(mappingOf(reading));
    const key = attempts.keyFor([filesContent([table.file]), mapping]);
    return data(
      api.POST("/api/v1/people/imports", {
        params: { query: { dry_run: dryRun }, ...(!dryRun && { header: { "Idempotency-Key": key } }) },
        ...multipart<components["schemas"]["PeopleFile"]>([
          ["file", table.file],
          ["mapping", mapping],
        ]),
      }),
    );
  };
  const check = useMutation({ mutationFn: () => run(true) });
  const commit = useMutation({
    mutationFn: () => run(false),
    onSuccess: async () => {
      attempts.done();
      await client.invalidateQueries({ queryKey: ["people"] });
    },
  });
  const choose = async (file: File | undefined) => {
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    const encoding = isUnicode(bytes) ? "" : document.documentElement.lang === "ar" ? "windows-1256" : "windows-1252";
    const { heading, separator } = preview(decode(bytes, encoding), "");
    setTable({ file, bytes });
    setReading({ columns: guessColumns(heading), defaults: { kind: "student", class: "", section: "" }, separator, encoding });
  };
  const over = () => {
    setTable(null);
    setReading(null);
    check.reset();
    commit.reset();
  };
  const refused = commit.error instanceof Problem && commit.error.code === "import_refused" ? problemsOf(commit.error.errors) : null;
  const problems = refused ?? check.data?.problems ?? [];
  const step = commit.data ? 3 : check.data ? 2 : table ? 1 : 0;
  // Each step begins at its beginning.
  useEffect(() => {
    window.scrollTo({ top: 0 });
  }, [step]);
  return (
    <Stack spacing={3}>
      <Stepper activeStep={step} alternativeLabel>
        {STEPS.map((one) => (
          <Step key={one} completed={STEPS.indexOf(one) < step || step === 3}>
            <StepLabel>{t(`import.steps.${one}`)}</StepLabel>
          </Step>
        ))}
      </Stepper>
      {step === 0 && (
        <>
          <Typography>{t("import.tableWhat")}</Typography>
          <DropArea
            label={t("import.chooseTable")}
            hint={t("import.tableHint")}
            accept=".csv,.tsv,.txt,text/csv,text/plain"
            onFiles={([file]) => void choose(file)}
          />
        </>
      )}
      {step === 1 && table && reading && (
        <>
          <ColumnMapping bytes={table.bytes} name={table.file.name} reading={reading} onChange={setReading} />
          {check.error && <ProblemNote error={check.error} />}
          <Stack direction="row" spacing={1}>
            <Button
              variant="contained"
              loading={check.isPending}
              disabled={lacks(reading.columns).some((lack) => lack !== "name")}
              onClick={() => check.mutate()}
            >
              {t("import.check")}
            </Button>
            <Button color="inherit" onClick={over} disabled={check.isPending}>
              {t("import.otherFile")}
            </Button>
          </Stack>
        </>
      )}
      {step === 2 && check.data && (
        <>
          {problems.length > 0 ? <Problems problems={problems} /> : <Found found={check.data} />}
          {commit.error && !refused && <ProblemNote error={commit.error} />}
          <Stack direction="row" useFlexGap spacing={1} sx={{ flexWrap: "wrap" }}>
            {problems.length === 0 && (
              <Button
                variant="contained"
                loading={commit.isPending}
                disabled={check.data.created + check.data.updated === 0}
                onClick={() => commit.mutate()}
              >
                {t("import.commit", { count: check.data.created + check.data.updated })}
              </Button>
            )}
            <Button
              variant="outlined"
              disabled={commit.isPending}
              onClick={() => {
                check.reset();
                commit.reset();
              }}
            >
              {t("import.backToColumns")}
            </Button>
            <Button {...(problems.length > 0 ? { variant: "contained" } : { color: "inherit" })} onClick={over} disabled={commit.isPending}>
              {t("import.otherFile")}
            </Button>
          </Stack>
        </>
      )}
      {commit.data && (
        <>
          <Found found={commit.data} />
          <Stack direction="row" useFlexGap spacing={1} sx={{ flexWrap: "wrap" }}>
            <Button variant="contained" component={Link} to="/people">
              {t("import.seePeople")}
            </Button>
            <Button variant="outlined" component={Link} to="/people/import?from=photos">
              {t("import.tabs.photos")}
            </Button>
            <Button color="inherit" onClick={over}>
              {t("import.another")}
            </Button>
          </Stack>
        </>
      )}
    </Stack>
  );
}

function Found({ found }: { found: PeopleImported }) {
  const { t } = useTranslation();
  return (
    <Stack spacing={1.5}>
      <Typography role="status">{found.dry_run ? t("import.wouldBe") : t("import.was")}</Typography>
      <Counted
        counts={[
          [t("import.created"), found.created],
          [t("import.updated"), found.updated],
          [t("import.unchanged"), found.unchanged],
        ]}
      />
    </Stack>
  );
}
