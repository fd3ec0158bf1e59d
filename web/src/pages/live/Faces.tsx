import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import type { Face } from "../../live/feed";
import { reread } from "../../live/useStandings";
import { Section } from "../../parts/Section";
import { ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { RejectDialog } from "../results/RejectDialog";
import { useSession } from "../sessions/context";
import { FaceThumb } from "./FaceThumb";
import { OutcomeChip } from "./OutcomeChip";

/** The faces that were seen last, with what can be done about a mistake. */
export function Faces({ faces, pictures }: { faces: readonly Face[]; pictures: ReadonlyMap<string, HTMLCanvasElement> }) {
  const { t } = useTranslation();
  const { session } = useSession();
  const client = useQueryClient();
  const [wrong, setWrong] = useState<Face | null>(null);
  const confirm = useMutation({
    mutationFn: (personId: string) => {
      const body = { person_id: personId, direction: "in" as const, reason: t("live.confirmedReason") };
      return data(api.POST("/api/v1/sessions/{session_id}/attendance", { params: { path: { session_id: session.id } }, body }));
    },
    onSuccess: () => reread(client, session.id),
  });
  return (
    <Section title={t("live.faces")} about={t("live.facesWhat")}>
      {confirm.error && <ProblemNote error={confirm.error} />}
      {faces.length === 0 && <Typography color="textSecondary">{t("live.noFaces")}</Typography>}
      <List disablePadding>
        {faces.map((face) => (
          <ListItem key={face.key} disableGutters divider sx={{ alignItems: "start", gap: 1.5 }}>
            <FaceThumb picture={pictures.get(face.key)} />
            <Box sx={{ flexGrow: 1, minWidth: 0 }}>
              <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: "wrap", alignItems: "center" }}>
                {face.person && (
                  <Typography dir="auto" sx={{ fontWeight: 650 }}>
                    {face.person.name}
                  </Typography>
                )}
                <OutcomeChip outcome={face.outcome} />
              </Stack>
              <FaceFacts face={face} />
              {face.person && face.outcome !== "not_on_roster" && (
                <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: "wrap", mt: 0.5 }}>
                  {face.outcome === "likely" && (
                    <Button size="small" onClick={() => face.person && confirm.mutate(face.person.person_id)} loading={confirm.isPending && confirm.variables === face.person.person_id}>
                      {t("live.confirm")}
                    </Button>
                  )}
                  <Button size="small" color="error" onClick={() => setWrong(face)}>
                    {t("results.notThisPerson")}
                  </Button>
                </Stack>
              )}
            </Box>
          </ListItem>
        ))}
      </List>
      {wrong?.person && <RejectDialog sessionId={session.id} frameId={wrong.frameId} faceIndex={wrong.faceIndex} name={wrong.person.name} onClose={() => setWrong(null)} />}
    </Section>
  );
}

function FaceFacts({ face }: { face: Face }) {
  const { t } = useTranslation();
  const { course } = useSession();
  const clock = useFormats(course?.time_zone);
  const facts = [
    clock.exactTime(face.at),
    face.times > 1 ? t("live.times", { count: face.times }) : null,
    face.quality === null ? null : t("live.quality", { quality: face.quality }),
    face.cameraId ? t("live.byCamera") : null,
  ];
  return (
    <Typography variant="body2" color="textSecondary">
      {facts.filter(Boolean).join(" · ")}
    </Typography>
  );
}
