import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { Section } from "../../parts/Section";
import { Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";

/** Who came too seldom; how seldom that is can be said. */
export function AtRisk({ courseId, from, to }: { courseId: string; from: string; to: string }) {
  const { t } = useTranslation();
  const { percent, number } = useFormats();
  const [below, setBelow] = useState("75");
  const share = Math.min(1, Math.max(0, Number(below) / 100 || 0));
  const rows = useQuery({
    queryKey: ["courses", courseId, "at risk", share, from, to],
    queryFn: () => data(api.GET("/api/v1/courses/{course_id}/at-risk", { params: { path: { course_id: courseId }, query: { below: share, ...(from && { from }), ...(to && { to }) } } })),
    placeholderData: keepPreviousData,
  });
  return (
    <Section
      title={t("results.atRisk")}
      actions={
        <TextField type="number" label={t("results.below")} value={below} onChange={(event) => setBelow(event.target.value)} slotProps={{ htmlInput: { min: 0, max: 100 } }} sx={{ width: 150 }} />
      }
    >
      {rows.error && <ProblemNote error={rows.error} retry={() => void rows.refetch()} />}
      {rows.isPending && <Loading />}
      {rows.data?.items.length === 0 && <Typography color="textSecondary">{t("results.nobodyAtRisk")}</Typography>}
      {rows.data?.items.map((person) => (
        <Typography key={person.person_id} sx={{ py: 0.5 }}>
          <bdi>{person.name}</bdi>
          {" · "}
          <strong>
            <bdi>{typeof person.rate === "number" ? percent(person.rate) : "–"}</bdi>
          </strong>
          {" · "}
          <bdi>{t("results.cameOf", { attended: number(person.attended), expected: number(person.expected) })}</bdi>
        </Typography>
      ))}
    </Section>
  );
}
