import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";

import { Page } from "../../parts/Page";
import { Section } from "../../parts/Section";
import { Loading, ProblemNote } from "../../parts/states";
import { DeadLetters } from "./DeadLetters";
import { Queues } from "./Queues";
import { useQueues } from "./queries";

/** What waits for workers, and what they could not do; of the whole installation. */
export function Jobs() {
  const { t } = useTranslation();
  const queues = useQueues();
  return (
    <Page title={t("jobs.title")}>
      <Stack spacing={3}>
        <Typography color="textSecondary" sx={{ maxWidth: "75ch" }}>
          {t("jobs.about")}
        </Typography>
        <Section title={t("jobs.failed")} about={t("jobs.failedAbout")}>
          <DeadLetters />
        </Section>
        <Section title={t("jobs.queues")}>
          {queues.error && <ProblemNote error={queues.error} retry={() => void queues.refetch()} />}
          {queues.isPending && <Loading />}
          {queues.data && <Queues queues={queues.data.items} />}
        </Section>
      </Stack>
    </Page>
  );
}
