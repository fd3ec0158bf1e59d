import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Link from "@mui/material/Link";
import ListItem from "@mui/material/ListItem";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { Link as To } from "react-router";

import { useOrganization } from "../../auth/organization";
import { useFormats } from "../../time/formats";
import type { DeadLetter } from "./queries";
import { placeOf, reasonOf } from "./standing";

interface Props {
  letter: DeadLetter;
  /** The name of its organization. */
  organization: string | undefined;
  onAsk: (what: "retry" | "discard") => void;
}

/** One job that failed: what it is, why it lies here and what can be done. */
export function Letter({ letter, organization, onAsk }: Props) {
  const { t } = useTranslation();
  const { dateTime, bytes } = useFormats();
  const isHere = letter.organization_id === useOrganization().id;
  const place = placeOf(letter);
  return (
    <ListItem disableGutters divider sx={{ "&:last-child": { borderBottom: 0 } }}>
      <Stack direction={{ xs: "column", sm: "row" }} spacing={1.5} sx={{ width: "100%", alignItems: { sm: "center" }, justifyContent: "space-between" }}>
        <Box sx={{ minWidth: 0 }}>
          <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: "wrap", alignItems: "center" }}>
            <Typography sx={{ fontWeight: 650 }}>{t(letter.state === "unknown" ? "jobs.kinds.unknown" : `jobs.kinds.${letter.queue}`)}</Typography>
            <Chip size="small" variant="outlined" color={letter.can_retry ? "warning" : "default"} label={t(`jobs.states.${letter.state}`)} />
          </Stack>
          <Typography variant="body2">{t(`jobs.reasons.${reasonOf(letter)}`)}</Typography>
          <Typography variant="body2">{t(`jobs.advice.${letter.state}`)}</Typography>
          <Typography variant="body2" color="textSecondary">
            {letter.died_at ? dateTime(letter.died_at) : t("jobs.noTime")}
            {organization && (
              <>
                {" · "}
                <bdi>{organization}</bdi>
              </>
            )}
            {letter.state === "unknown" && ` · ${bytes(letter.bytes)}`}
            {place && isHere && (
              <>
                {" · "}
                <Link component={To} to={place}>
                  {t(letter.queue === "photos" ? "jobs.toSession" : "jobs.toPerson")}
                </Link>
              </>
            )}
            {place && !isHere && ` · ${t("jobs.elsewhere")}`}
          </Typography>
        </Box>
        <Stack direction="row" spacing={1} sx={{ flexShrink: 0 }}>
          {letter.can_retry && (
            <Button variant="outlined" onClick={() => onAsk("retry")}>
              {t("jobs.retry")}
            </Button>
          )}
          <Button color="error" onClick={() => onAsk("discard")}>
            {t("jobs.discard")}
          </Button>
        </Stack>
      </Stack>
    </ListItem>
  );
}
