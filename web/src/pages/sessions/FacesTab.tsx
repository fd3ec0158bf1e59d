import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { useStandings } from "../../live/useStandings";
import { List, useList } from "../../parts/List";
import { OutcomeChip } from "../live/OutcomeChip";
import { RejectDialog } from "../results/RejectDialog";
import { useSession } from "./context";

type Seen = components["schemas"]["SessionSighting"];

const NAMED: readonly Seen["outcome"][] = ["present", "already", "likely", "outside_hours"];

/** All faces that were recorded, in the order in which they were decided; what is wrong can be said of each. */
export function FacesTab() {
  const { t } = useTranslation();
  const { session, clock } = useSession();
  const standings = useStandings(session.id);
  const [wrong, setWrong] = useState<Seen | null>(null);
  const faces = useList<Seen>(["sessions", session.id, "faces", "list"], (cursor) =>
    data(api.GET("/api/v1/sessions/{session_id}/sightings", { params: { path: { session_id: session.id }, query: { limit: 100, ...(cursor && { cursor }) } } })),
  );
  const nameOf = (id: string) => standings.data?.people.get(id)?.name;
  return (
    <>
      <Typography color="textSecondary" sx={{ mb: 2 }}>
        {t("live.facesTabWhat")}
      </Typography>
      <List list={faces} empty={t("live.noFaces")}>
        {(rows) => (
          <TableContainer component={Paper}>
            <Table size="small" aria-label={t("sessions.tabs.faces")}>
              <TableHead>
                <TableRow>
                  <TableCell>{t("sessions.when")}</TableCell>
                  <TableCell>{t("results.name")}</TableCell>
                  <TableCell>{t("live.outcome")}</TableCell>
                  <TableCell align="right">{t("live.alike")}</TableCell>
                  <TableCell align="right">{t("live.qualityShort")}</TableCell>
                  <TableCell />
                </TableRow>
              </TableHead>
              <TableBody>
                {rows.map((face) => (
                  <TableRow key={`${face.frame_id} ${face.face_index}`} hover>
                    <TableCell sx={{ whiteSpace: "nowrap" }}>{clock.exactTime(face.received_at)}</TableCell>
                    <TableCell sx={{ minWidth: 120 }}>{face.person_id ? <NameOf id={face.person_id} known={nameOf(face.person_id)} /> : "–"}</TableCell>
                    <TableCell>
                      <OutcomeChip outcome={face.outcome} />
                    </TableCell>
                    <TableCell align="right" dir="ltr">
                      {typeof face.similarity === "number" ? `${face.similarity.toFixed(2)} / ${face.threshold?.toFixed(2) ?? "–"}` : "–"}
                    </TableCell>
                    <TableCell align="right">{face.quality ?? "–"}</TableCell>
                    <TableCell align="right" sx={{ whiteSpace: "nowrap" }}>
                      {face.person_id && NAMED.includes(face.outcome) && (
                        <Button size="small" color="error" onClick={() => setWrong(face)}>
                          {t("results.notThisPerson")}
                        </Button>
                      )}
                    </TableCell>
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          </TableContainer>
        )}
      </List>
      {wrong?.person_id && (
        <RejectDialog sessionId={session.id} frameId={wrong.frame_id} faceIndex={wrong.face_index} name={nameOf(wrong.person_id) ?? "…"} onClose={() => setWrong(null)} />
      )}
    </>
  );
}

/** The name of somebody, asked for where they are not on the roster. */
function NameOf({ id, known }: { id: string; known: string | undefined }) {
  const person = useQuery({
    queryKey: ["person", id],
    queryFn: () => data(api.GET("/api/v1/people/{person_id}", { params: { path: { person_id: id } } })),
    enabled: known === undefined,
    staleTime: 60_000,
  });
  return <span dir="auto">{known ?? person.data?.name ?? "…"}</span>;
}
