import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";

import { tally } from "../../live/standings";
import { useStandings } from "../../live/useStandings";
import { useFormats } from "../../time/formats";
import { useSession } from "./context";

/** How many of how many are there; nothing where that is not known. */
export function Count() {
  const { t } = useTranslation();
  const { session } = useSession();
  const { number } = useFormats();
  const standings = useStandings(session.id);
  if (!standings.data) return null;
  const counts = tally(standings.data.people.values());
  const expected = counts.all - counts.excused;
  return (
    <Typography aria-live="polite" sx={{ fontSize: "1.25rem", fontWeight: 650 }}>
      {number(counts.present + counts.late + counts.leftEarly)} {t("live.ofExpected", { count: expected, n: number(expected) })}
    </Typography>
  );
}
