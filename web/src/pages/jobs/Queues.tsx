import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";

import { Facts } from "../../parts/Facts";
import { useFormats } from "../../time/formats";
import type { Queue } from "./queries";
import { troubles } from "./standing";

/** Each queue with what it is for and how it stands. */
export function Queues({ queues }: { queues: readonly Queue[] }) {
  const { t } = useTranslation();
  return (
    <>
      {troubles(queues).includes("noWorkers") && (
        <Alert severity="warning" sx={{ mb: 2 }}>
          {t("jobs.noWorkers")}
        </Alert>
      )}
      <Box component="ul" sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 3, gridTemplateColumns: { xs: "1fr", lg: "1fr 1fr" } }}>
        {queues.map((queue) => (
          <Standing key={queue.name} queue={queue} />
        ))}
      </Box>
    </>
  );
}

function Standing({ queue }: { queue: Queue }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const dead = queue.dead_letters;
  return (
    <Box component="li" sx={{ minWidth: 0 }}>
      <Typography variant="h3">{t(`jobs.names.${queue.name}`, { defaultValue: queue.name })}</Typography>
      <Typography variant="body2" color="textSecondary" sx={{ mb: 1.5 }}>
        {t(`jobs.purposes.${queue.name}`, { defaultValue: queue.purpose })}
      </Typography>
      <Facts
        facts={[
          [t("jobs.ready"), number(queue.ready)],
          [
            t("jobs.consumers"),
            queue.consumers > 0 ? number(queue.consumers) : <Chip key="none" size="small" variant="outlined" color="warning" label={t("jobs.none")} />,
          ],
          [t("jobs.dead"), dead == null ? t("jobs.dropped") : number(dead)],
        ]}
      />
    </Box>
  );
}
