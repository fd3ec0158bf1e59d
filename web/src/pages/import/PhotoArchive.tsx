import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import LinearProgress from "@mui/material/LinearProgress";
import MenuItem from "@mui/material/MenuItem";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { skipToken, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { filesContent, useAttempts } from "../../api/idempotency";
import { multipart } from "../../api/multipart";
import type { components } from "../../api/schema";
import { DropArea } from "../../parts/DropArea";
import { ProblemNote } from "../../parts/states";
import { CHOICES } from "../people/filters";
import { ArchiveFolders } from "./ArchiveFolders";

type ArchiveTaken = components["schemas"]["ArchiveTaken"];
type Kind = (typeof CHOICES.kind)[number];

/** What an archive came to is kept while the panel is open, so that one can go elsewhere and come back. */
const TAKEN = ["archive", "taken"];

/** A ZIP with one folder of photos for each person, followed until all of them were looked at. */
export function PhotoArchive() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const attempts = useAttempts();
  const [file, setFile] = useState<File | null>(null);
  const [kind, setKind] = useState<Kind>("student");
  const taken = useQuery<ArchiveTaken | null>({ queryKey: TAKEN, queryFn: skipToken, gcTime: Infinity, staleTime: Infinity });
  const run = (dryRun: boolean) => {
    if (!file) throw new Error("no file was chosen");
    const key = attempts.keyFor([filesContent([file]), kind]);
    return data(
      api.POST("/api/v1/enrollments/archives", {
        params: { query: { dry_run: dryRun, kind }, ...(!dryRun && { header: { "Idempotency-Key": key } }) },
        ...multipart<components["schemas"]["PhotoArchive"]>([["file", file]]),
      }),
    );
  };
  const check = useMutation({ mutationFn: () => run(true) });
  const send = useMutation({
    mutationFn: () => run(false),
    onSuccess: async (answer) => {
      attempts.done();
      client.setQueryData(TAKEN, answer);
      check.reset();
      setFile(null);
      await client.invalidateQueries({ queryKey: ["people"] });
    },
  });
  const isBusy = check.isPending || send.isPending;
  if (taken.data) {
    return (
      <Stack spacing={3}>
        <ArchiveFolders taken={taken.data} />
        <Button variant="outlined" sx={{ alignSelf: "flex-start" }} onClick={() => client.setQueryData(TAKEN, null)}>
          {t("import.another")}
        </Button>
      </Stack>
    );
  }
  return (
    <Stack spacing={3}>
      <Typography>{t("import.photosWhat")}</Typography>
      <Typography component="pre" dir="ltr" variant="body2" sx={{ m: 0, p: 2, borderRadius: 1, bgcolor: "action.hover", overflowX: "auto" }} tabIndex={0}>
        {"S001_Ada Lovelace/\n  front.jpg\n  left.jpg\nS002_Alan Turing/\n  photo.png"}
      </Typography>
      <DropArea
        label={t("import.chooseArchive")}
        hint={t("import.photosHint")}
        accept=".zip,application/zip"
        disabled={isBusy}
        onFiles={([chosen]) => {
          if (!chosen) return;
          check.reset();
          send.reset();
          setFile(chosen);
        }}
      />
      {file && <Chip label={<bdi dir="ltr">{file.name}</bdi>} onDelete={() => setFile(null)} disabled={isBusy} sx={{ alignSelf: "flex-start" }} />}
      <TextField
        select
        label={t("import.registeredAs")}
        helperText={t("import.registeredAsHint")}
        value={kind}
        disabled={isBusy}
        onChange={(event) => setKind(event.target.value as Kind)}
        sx={{ maxWidth: 420 }}
      >
        {CHOICES.kind.map((one) => (
          <MenuItem key={one} value={one}>
            {t(`people.kinds.${one}`)}
          </MenuItem>
        ))}
      </TextField>
      {isBusy && (
        <div role="status">
          <Typography variant="body2">{t("import.uploading")}</Typography>
          <LinearProgress sx={{ mt: 0.5 }} />
        </div>
      )}
      {(check.error ?? send.error) && <ProblemNote error={check.error ?? send.error ?? new Error()} />}
      <Stack direction="row" useFlexGap spacing={1} sx={{ flexWrap: "wrap" }}>
        <Button variant="outlined" disabled={!file || send.isPending} loading={check.isPending} onClick={() => check.mutate()}>
          {t("import.check")}
        </Button>
        <Button variant="contained" disabled={!file || check.isPending} loading={send.isPending} onClick={() => send.mutate()}>
          {t("import.enroll")}
        </Button>
      </Stack>
      {check.data && <ArchiveFolders taken={check.data} />}
    </Stack>
  );
}
