import Alert from "@mui/material/Alert";
import List from "@mui/material/List";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { type Asked, Deal } from "./Deal";
import { Letter } from "./Letter";
import { useDeadLetters, useOrganizationNames, useQueues } from "./queries";
import { failed } from "./standing";

/** Jobs that were laid aside, the newest first. */
export function DeadLetters() {
  const { t } = useTranslation();
  const { number } = useFormats();
  const letters = useDeadLetters();
  const queues = useQueues();
  const [asked, setAsked] = useState<Asked | null>(null);
  const rows = letters.data?.items ?? [];
  const names = useOrganizationNames(rows.length > 0);
  const all = failed(queues.data?.items ?? []);
  return (
    <>
      {letters.error && <ProblemNote error={letters.error} retry={() => void letters.refetch()} />}
      {letters.isPending && <Loading />}
      {letters.isSuccess && rows.length === 0 && <Alert severity="success">{t("jobs.well")}</Alert>}
      {rows.length > 0 && (
        <List disablePadding aria-label={t("jobs.failed")}>
          {rows.map((letter) => (
            <Letter
              key={letter.id}
              letter={letter}
              organization={letter.organization_id ? names.data?.get(letter.organization_id) : undefined}
              onAsk={(what) => setAsked({ what, letter })}
            />
          ))}
        </List>
      )}
      {all > rows.length && rows.length > 0 && (
        <Typography variant="body2" color="textSecondary" sx={{ mt: 1 }}>
          {t("jobs.andMore", { shown: number(rows.length), all: number(all) })}
        </Typography>
      )}
      {asked && <Deal asked={asked} onClose={() => setAsked(null)} />}
    </>
  );
}
