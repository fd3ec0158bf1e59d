import Alert from "@mui/material/Alert";
import Stack from "@mui/material/Stack";
import { useTranslation } from "react-i18next";

import { useUser } from "../../auth/user";
import { AskedText } from "../../parts/AskedText";
import { useAsked } from "../../parts/asked";
import type { Person } from "../people/personFields";
import { History } from "./History";
import { Statistics } from "./Statistics";

export interface Days {
  from?: string;
  to?: string;
}

/** How often a person came and how they stood each time; of the days that the address names, or of all. */
export function Attendance({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { role } = useUser();
  const [asked, ask] = useAsked();
  const [from, to] = [asked.get("from") ?? "", asked.get("to") ?? ""];
  const days: Days = { ...(from && { from }), ...(to && { to }) };
  const day = (name: "from" | "to") => (
    <AskedText
      name={name}
      asked={asked}
      ask={ask}
      type="date"
      label={t(`person.attendance.${name}`)}
      slotProps={{ inputLabel: { shrink: true } }}
      sx={{ maxWidth: 200 }}
    />
  );
  return (
    <Stack spacing={3}>
      <Stack direction="row" spacing={2}>
        {day("from")}
        {day("to")}
      </Stack>
      {role === "teacher" && <Alert severity="info">{t("person.attendance.ownCourses")}</Alert>}
      <Statistics person={person} days={days} />
      <History person={person} days={days} />
    </Stack>
  );
}
