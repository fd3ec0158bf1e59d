import Alert from "@mui/material/Alert";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";

import { useFormats } from "../../time/formats";
import type { Greeting } from "./greeting";

/** What is said to somebody, to be read from two steps away. */
export function GreetingCard({ greeting }: { greeting: Pick<Greeting, "word" | "isGood" | "name" | "attendance" | "at"> }) {
  const { t } = useTranslation();
  const { time } = useFormats();
  const details = [
    greeting.attendance && t(`results.states.${greeting.attendance}`),
    greeting.at && time(greeting.at),
  ].filter(Boolean);
  return (
    <Alert severity={greeting.isGood ? "success" : "warning"} variant={greeting.isGood ? "filled" : "standard"} sx={{ alignItems: "center" }}>
      <Typography sx={{ fontSize: { xs: "1.25rem", sm: "1.6rem" }, fontWeight: 650, lineHeight: 1.3 }}>
        {greeting.name ? <bdi>{greeting.name}</bdi> : t(`kiosk.said.${greeting.word}`)}
      </Typography>
      {greeting.isGood && (
        <Typography>
          {t(`kiosk.said.${greeting.word}`)}
          {details.length > 0 && ` · ${details.join(" · ")}`}
        </Typography>
      )}
    </Alert>
  );
}
