import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { Problem } from "../../api/problem";
import type { components } from "../../api/schema";
import { Section } from "../../parts/Section";
import { Loading, ProblemNote } from "../../parts/states";
import { OutcomeChip } from "../live/OutcomeChip";
import { RejectDialog } from "../results/RejectDialog";
import { useSession } from "../sessions/context";

type PhotoFace = components["schemas"]["PhotoFace"];

/** What came of one class photo: the picture with boxes and names, as long as it is there, and each face in words. */
export function PhotoResult({ photoId, onClose }: { photoId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { session } = useSession();
  const [wrong, setWrong] = useState<PhotoFace | null>(null);
  const path = { class_photo_id: photoId };
  const photo = useQuery({
    queryKey: ["sessions", session.id, "photos", photoId],
    queryFn: () => data(api.GET("/api/v1/class-photos/{class_photo_id}", { params: { path } })),
    refetchInterval: ({ state }) => (state.data?.state === "pending" ? 2000 : false),
  });
  const isDone = photo.data?.state === "completed";
  const drawn = useQuery({
    queryKey: ["sessions", session.id, "photos", photoId, "picture"],
    queryFn: async () => {
      try {
        const answer = await api.GET("/api/v1/class-photos/{class_photo_id}/picture", { params: { path }, parseAs: "blob" });
        return answer.data ? await createImageBitmap(answer.data) : null;
      } catch (error) {
        // It is there for a few minutes only.
        if (error instanceof Problem && error.status === 404) return null;
        throw error;
      }
    },
    enabled: isDone && photo.data?.annotate === true,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Section title={t("live.photo.result")} actions={<Button onClick={onClose}>{t("results.shut")}</Button>}>
      {photo.error && <ProblemNote error={photo.error} retry={() => void photo.refetch()} />}
      {photo.isPending && <Loading />}
      {photo.data?.state === "pending" && (
        <Box role="status">
          <Typography sx={{ mb: 1 }}>{t("live.photo.looking")}</Typography>
          <LinearProgress />
        </Box>
      )}
      {photo.data?.failure && <Alert severity="error">{t(`live.photo.failures.${photo.data.failure}`)}</Alert>}
      {drawn.error && <ProblemNote error={drawn.error} retry={() => void drawn.refetch()} />}
      {drawn.data && <Drawn picture={drawn.data} />}
      {isDone && drawn.data === null && <Typography color="textSecondary">{t("live.photo.gone")}</Typography>}
      {isDone && photo.data && (
        <Typography sx={{ my: 1.5, fontWeight: 650 }}>
          {t("live.facesFound", { count: photo.data.faces.length })}
          {" · "}
          {t("live.photo.recognised", { count: photo.data.faces.filter((face) => face.person && face.outcome !== "likely").length })}
        </Typography>
      )}
      {photo.data?.faces.map((face) => (
        <Stack key={face.face_index} direction="row" spacing={1} useFlexGap sx={{ py: 1, flexWrap: "wrap", alignItems: "center", borderBottom: 1, borderColor: "divider" }}>
          <Typography sx={{ flexGrow: 1 }}>
            <bdi>{face.person ? face.person.name : t("live.photo.nobody")}</bdi>
          </Typography>
          <OutcomeChip outcome={face.outcome} />
          {face.person && face.outcome !== "not_on_roster" && (
            <Button size="small" color="error" onClick={() => setWrong(face)}>
              {t("results.notThisPerson")}
            </Button>
          )}
        </Stack>
      ))}
      {wrong?.person && <RejectDialog sessionId={session.id} frameId={photoId} faceIndex={wrong.face_index} name={wrong.person.name} onClose={() => setWrong(null)} />}
    </Section>
  );
}

function Drawn({ picture }: { picture: ImageBitmap }) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement | null>(null);
  useEffect(() => {
    canvas.current?.getContext("2d")?.drawImage(picture, 0, 0);
  }, [picture]);
  return <canvas ref={canvas} width={picture.width} height={picture.height} role="img" aria-label={t("live.photo.picture")} style={{ maxWidth: "100%", maxHeight: "70vh", display: "block", borderRadius: 8 }} />;
}
