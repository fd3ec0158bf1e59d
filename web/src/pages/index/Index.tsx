import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { Page } from "../../parts/Page";
import { Section } from "../../parts/Section";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { Builds } from "./Builds";
import { Replicas } from "./Replicas";
import { Snapshots } from "./Snapshots";
import { isBusy } from "./progress";

type OneIndex = components["schemas"]["Index"];

/** How often is looked, in milliseconds: while something is built, and else. */
const [BUSY, QUIET] = [1_000, 10_000];

export function Index() {
  const { t } = useTranslation();
  const { number } = useFormats();
  const client = useQueryClient();
  const indexes = useQuery({
    queryKey: ["index"],
    queryFn: () => data(api.GET("/api/v1/index")),
    refetchInterval: (query) => (query.state.data?.indexes.some((one) => one.waiting || one.running) ? BUSY : QUIET),
  });
  const builds = useQuery({
    queryKey: ["index", "builds"],
    queryFn: () => data(api.GET("/api/v1/index/builds", { params: { query: { limit: 50 } } })),
    refetchInterval: (query) => (query.state.data?.items.some(isBusy) ? BUSY : QUIET),
  });
  const rebuild = useMutation({
    mutationFn: () => api.POST("/api/v1/index/rebuild", { body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["index"] }),
  });
  const all = indexes.data?.indexes ?? [];
  return (
    <Page
      title={t("index.title")}
      actions={
        <Button variant="contained" loading={rebuild.isPending} onClick={() => rebuild.mutate()}>
          {t("index.rebuild")}
        </Button>
      }
    >
      <Stack spacing={3}>
        <Typography color="textSecondary" sx={{ maxWidth: "75ch" }}>
          {t("index.about")}
        </Typography>
        {rebuild.error && <ProblemNote error={rebuild.error} />}
        {rebuild.isSuccess && <Alert severity="info">{t("index.asked")}</Alert>}
        {indexes.error && <ProblemNote error={indexes.error} retry={() => void indexes.refetch()} />}
        {indexes.isPending && <Loading />}
        {indexes.isSuccess && all.length === 0 && <Empty title={t("index.none")} />}
        {indexes.data && all.length > 0 && (
          <Typography>
            {t("index.revision")}: <strong>{number(indexes.data.revision)}</strong>
          </Typography>
        )}
        {all.map((one) => (
          <OneContract key={one.contract} index={one} />
        ))}
        <Section title={t("index.builds")}>
          {builds.error && <ProblemNote error={builds.error} retry={() => void builds.refetch()} />}
          {builds.isPending && <Loading />}
          {builds.isSuccess && builds.data.items.length === 0 && <Empty title={t("index.noBuilds")} />}
          {builds.data && builds.data.items.length > 0 && <Builds builds={builds.data.items} />}
        </Section>
      </Stack>
    </Page>
  );
}

function OneContract({ index }: { index: OneIndex }) {
  const { t } = useTranslation();
  return (
    <Section title={t("index.contract", { name: `\u2066${index.contract}\u2069` })}>
      <Stack spacing={2}>
        <Typography variant="h3">{t("index.snapshots")}</Typography>
        {index.versions.length === 0 ? (
          <Typography color="textSecondary">{t("index.noSnapshots")}</Typography>
        ) : (
          <Snapshots snapshots={index.versions} />
        )}
        <Typography variant="h3">{t("index.workers")}</Typography>
        {!index.replicas && <Typography color="textSecondary">{t("index.workersUnknown")}</Typography>}
        {index.replicas?.length === 0 && <Typography color="textSecondary">{t("index.noWorkers")}</Typography>}
        {index.replicas && index.replicas.length > 0 && <Replicas replicas={index.replicas} />}
      </Stack>
    </Section>
  );
}
