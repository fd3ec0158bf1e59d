import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { Facts } from "../../parts/Facts";
import { Section } from "../../parts/Section";
import { Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { policyFacts } from "../courses/policy";
import { useSession } from "./context";

/** By which rules the session goes, and how its faces are recognised. */
export function RulesTab() {
  const { t } = useTranslation();
  const { session } = useSession();
  const { number } = useFormats();
  const recognition = useQuery({
    queryKey: ["sessions", session.id, "recognition"],
    queryFn: () => data(api.GET("/api/v1/sessions/{session_id}/recognition", { params: { path: { session_id: session.id } } })),
  });
  const found = recognition.data;
  return (
    <Stack spacing={2}>
      <Section title={t("courses.policy.attendance")} about={t("courses.policy.copy")}>
        <Facts facts={policyFacts(session.policy, t)} />
      </Section>
      <Section title={t("courses.policy.recognition")} about={t("courses.policy.recognitionNow")}>
        {recognition.error && <ProblemNote error={recognition.error} retry={() => void recognition.refetch()} />}
        {recognition.isPending && <Loading />}
        {found && (
          <>
            <Facts
              facts={[
                [t("settings.rate"), found.false_match_rate ? t("settings.oneIn", { number: number(Math.round(1 / found.false_match_rate)) }) : t("courses.policy.asWorkers")],
                [t("courses.policy.liveness"), t(`settings.livenessIs.${found.liveness}.name`)],
                ...(typeof found.forced_threshold === "number" ? ([[t("courses.policy.forced"), found.forced_threshold.toFixed(2)]] as const) : []),
              ]}
            />
            {found.used.map((use) => (
              <Typography key={`${use.contract} ${use.threshold}`} variant="body2" color="textSecondary" sx={{ mt: 1.5 }}>
                {t("courses.policy.used", { threshold: use.threshold.toFixed(3), n: number(use.sightings), marked: number(use.marked) })} <code dir="ltr">{use.contract}</code>
              </Typography>
            ))}
          </>
        )}
      </Section>
    </Stack>
  );
}
