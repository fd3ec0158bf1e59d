import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { isForbidden } from "../../api/problem";
import { courseCode } from "../../courses/queries";
import { type Standing, inOrder } from "../../live/standings";
import { useStandings } from "../../live/useStandings";
import { AttendanceChip } from "../../parts/StateChips";
import { useAsked } from "../../parts/asked";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { dayIn } from "../../time/zone";
import { useSession } from "../sessions/context";
import { ExportButtons } from "./ExportButtons";
import { HistoryDrawer } from "./HistoryDrawer";
import { MarkDialog } from "./MarkDialog";
import { SHOWS, counted, filtered } from "./filter";

/** What a phone has no room for. */
const WIDE = { display: { xs: "none", sm: "table-cell" } } as const;

/** How everybody stands in a session, and what can be done about it. */
export function SessionResults() {
  const { t, i18n } = useTranslation();
  const { session, course, clock } = useSession();
  const { number } = useFormats();
  const standings = useStandings(session.id);
  const [asked, ask] = useAsked();
  const [marking, setMarking] = useState<Standing | "anybody" | null>(null);
  const show = SHOWS.find((one) => one === asked.get("show")) ?? "all";
  const q = asked.get("q") ?? "";
  const openId = asked.get("person");
  const day = dayIn(clock.zone, new Date(session.starts_at));
  const marker = marking && (
    <MarkDialog
      sessionId={session.id}
      person={marking === "anybody" ? null : { id: marking.person_id, name: marking.name, external_id: marking.external_id }}
      zone={clock.zone}
      day={day}
      onClose={() => setMarking(null)}
    />
  );
  if (isForbidden(standings.error)) {
    return (
      <Stack spacing={2} sx={{ alignItems: "start" }}>
        <Alert severity="info">{t("sessions.notTaught")}</Alert>
        <Button variant="outlined" onClick={() => setMarking("anybody")}>
          {t("results.mark")}
        </Button>
        {marker}
      </Stack>
    );
  }
  if (standings.error && !standings.data) return <ProblemNote error={standings.error} retry={() => void standings.refetch()} />;
  if (!standings.data) return <Loading />;
  const all = inOrder(standings.data.people.values(), i18n.language);
  const rows = filtered(all, show, q);
  const counts = counted(all);
  return (
    <>
      <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: "wrap", mb: 2 }} role="group" aria-label={t("live.show")}>
        {SHOWS.filter((one) => one === "all" || counts[one] > 0 || one === show).map((one) => (
          <Chip
            key={one}
            label={`${one === "all" ? t("results.all") : one === "unseen" ? t("results.states.unseen") : t(`results.states.${one}`)} · ${number(counts[one])}`}
            color={one === show ? "primary" : "default"}
            variant={one === show ? "filled" : "outlined"}
            onClick={() => ask({ show: one === "all" ? "" : one })}
            aria-pressed={one === show}
          />
        ))}
      </Stack>
      <Stack direction={{ xs: "column", sm: "row" }} spacing={1.5} useFlexGap sx={{ mb: 2, flexWrap: "wrap", alignItems: { sm: "center" } }}>
        <TextField type="search" label={t("results.search")} value={q} onChange={(event) => ask({ q: event.target.value })} sx={{ maxWidth: { sm: 280 } }} />
        <Button variant="outlined" onClick={() => setMarking("anybody")}>
          {t("results.mark")}
        </Button>
        <ExportButtons what={{ kind: "session", id: session.id }} name={`${courseCode(course)} ${day}`} />
      </Stack>
      {rows.length === 0 ? (
        <Empty title={t(all.length === 0 ? "results.noRoster" : "sessions.nobodyFound")} />
      ) : (
        <TableContainer component={Paper}>
          <Table size="small" aria-label={t("sessions.tabs.attendance")}>
            <TableHead>
              <TableRow>
                <TableCell>{t("results.name")}</TableCell>
                <TableCell>{t("results.state")}</TableCell>
                <TableCell sx={WIDE}>{t("results.came")}</TableCell>
                <TableCell sx={WIDE}>{t("results.lastSeen")}</TableCell>
                <TableCell sx={WIDE} align="right">
                  {t("results.stay")}
                </TableCell>
                <TableCell />
              </TableRow>
            </TableHead>
            <TableBody>
              {rows.map((row) => (
                <TableRow key={row.person_id} hover>
                  <TableCell sx={{ minWidth: { sm: 140 }, overflowWrap: "anywhere" }}>
                    <div dir="auto">{row.name}</div>
                    <div dir="auto" style={{ opacity: 0.7 }}>
                      {row.external_id}
                    </div>
                  </TableCell>
                  <TableCell>
                    <AttendanceChip state={row.state} isCorrected={row.is_corrected} />
                    {row.first_seen_at && (
                      <Typography variant="body2" color="textSecondary" sx={{ display: { sm: "none" } }}>
                        {clock.time(row.first_seen_at)}
                      </Typography>
                    )}
                  </TableCell>
                  <TableCell sx={WIDE}>{row.first_seen_at ? clock.time(row.first_seen_at) : "–"}</TableCell>
                  <TableCell sx={WIDE}>{row.last_seen_at ? clock.time(row.last_seen_at) : "–"}</TableCell>
                  <TableCell sx={WIDE} align="right">
                    {row.stay_seconds > 0 ? t("results.minutes", { n: number(Math.round(row.stay_seconds / 60)) }) : "–"}
                  </TableCell>
                  <TableCell align="right" sx={{ whiteSpace: { sm: "nowrap" }, px: { xs: 0, sm: 2 } }}>
                    <Button size="small" onClick={() => setMarking(row)} aria-label={t("results.markOf", { name: row.name })}>
                      {t("results.markShort")}
                    </Button>
                    <Button size="small" onClick={() => ask({ person: row.person_id })} aria-label={t("results.historyOf", { name: row.name })}>
                      {t("results.history")}
                    </Button>
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </TableContainer>
      )}
      {marker}
      <HistoryDrawer personId={openId} onClose={() => ask({ person: "" })} />
    </>
  );
}
