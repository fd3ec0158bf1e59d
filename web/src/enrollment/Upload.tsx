import Close from "@mui/icons-material/Close";
import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { filesContent, useAttempts } from "../api/idempotency";
import { Problem } from "../api/problem";
import { DropArea } from "../parts/DropArea";
import { ProblemNote } from "../parts/states";
import { PhotoVerdict } from "./PhotoVerdict";
import { ACCEPT, choose, refusals } from "./photos";
import type { Enrollment, EnrollmentSource } from "./source";

interface Props {
  source: EnrollmentSource;
  onSent: (enrollment: Enrollment, previews: readonly string[]) => void;
}

/** Photos are chosen or dropped, looked through here, and sent. */
export function Upload({ source, onSent }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const attempts = useAttempts();
  const [files, setFiles] = useState<readonly File[]>([]);
  const chosen = useMemo(() => choose(files), [files]);
  const previews = usePreviews(files);
  const fit = chosen.filter((one) => one.unfit === null).map((one) => one.file);
  const send = useMutation({
    mutationFn: (photos: readonly File[]) => source.upload(photos, attempts.keyFor(filesContent(photos))),
    onSuccess: (enrollment, photos) => {
      attempts.done();
      client.setQueryData(["enrollment", enrollment.id], enrollment);
      void client.invalidateQueries({ queryKey: ["person", enrollment.person_id] });
      // These addresses outlive this form, which lets go of its own.
      onSent(
        enrollment,
        photos.map((photo) => URL.createObjectURL(photo)),
      );
    },
  });
  const refused = refusals(send.error instanceof Problem ? send.error.errors : []);
  const change = (next: readonly File[]) => {
    send.reset();
    setFiles(next);
  };
  return (
    <Stack spacing={2}>
      <DropArea
        label={t("enrollment.choose")}
        hint={t("enrollment.chooseHint")}
        accept={ACCEPT}
        multiple
        disabled={send.isPending}
        onFiles={(more) => change(choose([...files, ...more]).map((one) => one.file))}
      />
      <Typography variant="body2" color="textSecondary">
        {t("enrollment.good")}
      </Typography>
      <Stack component="ul" spacing={1} sx={{ listStyle: "none", p: 0, m: 0 }}>
        {chosen.map(({ file, unfit }) => {
          const refusal = refused.get(fit.indexOf(file));
          const reason = unfit ?? refusal?.code ?? null;
          return (
            <PhotoVerdict
              key={`${file.name} ${file.size} ${file.lastModified}`}
              name={file.name}
              preview={unfit ? null : (previews.get(file) ?? null)}
              state={reason ? "rejected" : send.isPending ? "pending" : "chosen"}
              reason={reason}
              advice={refusal?.detail}
              action={
                <IconButton
                  aria-label={t("enrollment.remove", { name: file.name })}
                  disabled={send.isPending}
                  onClick={() => change(files.filter((one) => one !== file))}
                >
                  <Close />
                </IconButton>
              }
            />
          );
        })}
      </Stack>
      {send.error && <ProblemNote error={send.error} />}
      {files.length > 0 && (
        <Button
          variant="contained"
          disabled={fit.length === 0}
          loading={send.isPending}
          onClick={() => send.mutate(fit)}
          sx={{ alignSelf: "flex-start" }}
        >
          {t("enrollment.send", { count: fit.length })}
        </Button>
      )}
    </Stack>
  );
}

/** Addresses of pictures that only this page has; let go of with the page. */
function usePreviews(files: readonly File[]): ReadonlyMap<File, string> {
  const [previews, setPreviews] = useState<ReadonlyMap<File, string>>(new Map());
  useEffect(() => {
    const made = new Map(files.map((file) => [file, URL.createObjectURL(file)]));
    setPreviews(made);
    return () => {
      for (const address of made.values()) URL.revokeObjectURL(address);
    };
  }, [files]);
  return previews;
}
