import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import { useTranslation } from "react-i18next";

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
  const [asked, ask] = useAsked();
  const [from, to] = [asked.get("from") ?? "", asked.get("to") ?? ""];
  const days: Days = { ...(from && { from }), ...(to && { to }) };
  const day = (name: "from" | "to", value: string) => (
    <TextField
      type="date"
      label={t(`person.attendance.${name}`)}
      value={value}
      onChange={(event) => ask({ [name]: event.target.value })}
      slotProps={{ inputLabel: { shrink: true } }}
      sx={{ maxWidth: 200 }}
    />
  );
  return (
    <Stack spacing={3}>
      <Stack direction="row" spacing={2}>
        {day("from", from)}
        {day("to", to)}
      </Stack>
      <Statistics person={person} days={days} />
      <History person={person} days={days} />
    </Stack>
  );
}
