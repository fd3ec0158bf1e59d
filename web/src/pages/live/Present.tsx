import Avatar from "@mui/material/Avatar";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemAvatar from "@mui/material/ListItemAvatar";
import ListItemText from "@mui/material/ListItemText";
import Stack from "@mui/material/Stack";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { isForbidden } from "../../api/problem";
import { type Standing, inOrder, tally } from "../../live/standings";
import { useStandings } from "../../live/useStandings";
import { Section } from "../../parts/Section";
import { AttendanceChip } from "../../parts/StateChips";
import { Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { dayIn } from "../../time/zone";
import { MarkDialog } from "../results/MarkDialog";
import { useSession } from "../sessions/context";
import { initials } from "./initials";

type Shown = "came" | "missing";

/** Who is there, growing as people come, and who is not yet. */
export function Present() {
  const { t, i18n } = useTranslation();
  const { session, clock } = useSession();
  const { number } = useFormats();
  const standings = useStandings(session.id);
  const [shown, setShown] = useState<Shown>("came");
  const [marking, setMarking] = useState<Standing | null>(null);
  const people = [...(standings.data?.people.values() ?? [])];
  const counts = tally(people);
  const came = counts.present + counts.late + counts.leftEarly;
  const expected = counts.all - counts.excused;
  const rows = inOrder(people, i18n.language).filter((one) => (shown === "came") === ["present", "late", "left_early"].includes(one.state ?? ""));
  return (
    <Section title={t("live.attendance")}>
      {isForbidden(standings.error) && <Typography color="textSecondary">{t("sessions.notTaught")}</Typography>}
      {standings.error && !isForbidden(standings.error) && <ProblemNote error={standings.error} retry={() => void standings.refetch()} />}
      {standings.isPending && <Loading />}
      {standings.data && (
        <>
          <Stack direction="row" spacing={1} sx={{ alignItems: "baseline" }} aria-live="polite">
            <Typography sx={{ fontSize: "2rem", fontWeight: 700 }}>{number(came)}</Typography>
            <Typography color="textSecondary">{t("live.ofExpected", { count: expected, n: number(expected) })}</Typography>
          </Stack>
          <LinearProgress variant="determinate" value={expected > 0 ? Math.min(100, (100 * came) / expected) : 0} aria-label={t("live.attendance")} sx={{ my: 1, height: 8, borderRadius: 4 }} />
          <Typography variant="body2" color="textSecondary" sx={{ mb: 1.5 }}>
            {[t("live.inTime", { n: number(counts.present) }), t("live.late", { n: number(counts.late) }), t("live.excused", { n: number(counts.excused) })].join(" · ")}
          </Typography>
          <ToggleButtonGroup exclusive size="small" value={shown} onChange={(_, next: Shown | null) => next && setShown(next)} aria-label={t("live.show")}>
            <ToggleButton value="came">{t("live.came")}</ToggleButton>
            <ToggleButton value="missing">{t("live.notYet")}</ToggleButton>
          </ToggleButtonGroup>
          {rows.length === 0 && <Typography color="textSecondary" sx={{ py: 3 }}>{t(shown === "came" ? "live.nobodyYet" : "live.allHere")}</Typography>}
          <List dense tabIndex={0} aria-label={t(shown === "came" ? "live.came" : "live.notYet")} sx={{ maxHeight: { md: "60vh" }, overflowY: "auto" }}>
            {rows.map((person) => (
              <ListItem key={person.person_id} disableGutters divider sx={{ gap: 1 }}>
                <ListItemAvatar sx={{ minWidth: 48 }}>
                  <Avatar sx={{ width: 36, height: 36, fontSize: 14, bgcolor: "action.selected", color: "text.primary" }}>{initials(person.name)}</Avatar>
                </ListItemAvatar>
                <ListItemText
                  primary={<span dir="auto">{person.name}</span>}
                  secondary={
                    <>
                      <span dir="auto">{person.external_id}</span>
                      {person.first_seen_at && ` · ${clock.time(person.first_seen_at)}`}
                      {person.state && !person.isPresent && person.first_seen_at && ` · ${t("live.left")}`}
                    </>
                  }
                />
                {shown === "came" || person.state ? (
                  <AttendanceChip state={person.state} isCorrected={person.is_corrected} />
                ) : (
                  <Button size="small" onClick={() => setMarking(person)}>
                    {t("results.markShort")}
                  </Button>
                )}
              </ListItem>
            ))}
          </List>
        </>
      )}
      {marking && (
        <MarkDialog
          sessionId={session.id}
          person={{ id: marking.person_id, name: marking.name, external_id: marking.external_id }}
          zone={clock.zone}
          day={dayIn(clock.zone, new Date(session.starts_at))}
          initial="in"
          onClose={() => setMarking(null)}
        />
      )}
    </Section>
  );
}
