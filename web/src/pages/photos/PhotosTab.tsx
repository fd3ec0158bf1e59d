import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { filesContent, useAttempts } from "../../api/idempotency";
import { multipart } from "../../api/multipart";
import type { components } from "../../api/schema";
import { DropArea } from "../../parts/DropArea";
import { List, useList } from "../../parts/List";
import { Section } from "../../parts/Section";
import { useAsked } from "../../parts/asked";
import { ProblemNote } from "../../parts/states";
import { useSession } from "../sessions/context";
import { PhotoResult } from "./PhotoResult";

type Status = components["schemas"]["ClassPhotoStatus"];

const COLOURS = { pending: "default", completed: "success", failed: "error" } as const;

/** Pictures of the whole class: one is sent, and everybody on it who is found is marked. */
export function PhotosTab() {
  const { t } = useTranslation();
  const { session, clock, liveState } = useSession();
  const client = useQueryClient();
  const attempts = useAttempts();
  const [asked, ask] = useAsked();
  const params = { path: { session_id: session.id } };
  const photos = useList<Status>(
    ["sessions", session.id, "photos", "list"],
    (cursor) => data(api.GET("/api/v1/sessions/{session_id}/class-photos", { params: { ...params, query: { limit: 200, ...(cursor && { cursor }) } } })),
    // Whoever may not listen asks.
    liveState === "open" ? {} : { refetchInterval: 3000 },
  );
  const send = useMutation({
    mutationFn: (file: File) => {
      const header = { "Idempotency-Key": attempts.keyFor(filesContent([file])) };
      return data(api.POST("/api/v1/sessions/{session_id}/class-photos", { params: { ...params, query: { annotate: true }, header }, ...multipart<never>([["photo", file]]) }));
    },
    onSuccess: (photo) => {
      attempts.done();
      ask({ photo: photo.id });
      return client.invalidateQueries({ queryKey: ["sessions", session.id, "photos"] });
    },
  });
  const shown = asked.get("photo");
  return (
    <Stack spacing={2}>
      {session.state === "active" ? (
        <DropArea label={t("live.photo.choose")} hint={t("live.photo.hint")} accept="image/jpeg,image/png,image/webp" disabled={send.isPending} onFiles={([file]) => file && send.mutate(file)} />
      ) : (
        <Alert severity="info">{t("live.photo.onlyActive")}</Alert>
      )}
      {send.isPending && <Typography role="status">{t("live.photo.sending")}</Typography>}
      {send.error && (
        <ProblemNote error={send.error} {...(send.variables && { retry: () => send.variables && send.mutate(send.variables) })} />
      )}
      {shown && <PhotoResult key={shown} photoId={shown} onClose={() => ask({ photo: "" })} />}
      <Section title={t("live.photo.sent")}>
        <List list={photos} empty={t("live.photo.none")}>
          {(rows) =>
            [...rows].reverse().map((photo) => (
              <Stack key={photo.id} direction="row" spacing={1.5} useFlexGap sx={{ py: 1, flexWrap: "wrap", alignItems: "center", borderBottom: 1, borderColor: "divider" }}>
                <Typography dir="auto" sx={{ flexGrow: 1, overflowWrap: "anywhere" }}>
                  {photo.file_name || t("live.photo.unnamed")}
                </Typography>
                <Typography variant="body2" color="textSecondary">
                  {clock.exactTime(photo.created_at)}
                </Typography>
                <Chip size="small" variant="outlined" color={COLOURS[photo.state]} label={t(`live.photo.states.${photo.state}`)} />
                <Button size="small" onClick={() => ask({ photo: photo.id })} aria-pressed={photo.id === shown}>
                  {t("live.photo.open")}
                </Button>
              </Stack>
            ))
          }
        </List>
      </Section>
    </Stack>
  );
}
