import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { useOrganization } from "../../auth/organization";
import { List, useList } from "../../parts/List";
import { Page } from "../../parts/Page";
import { useAsked } from "../../parts/asked";
import { ProblemNote } from "../../parts/states";
import { AuditFilters } from "./AuditFilters";
import { Entries } from "./Entries";
import { Verification } from "./Verification";
import { query } from "./filters";
import { useActorNames } from "../../auth/actorNames";

/** What was changed, by whom, and the proof that nothing was left out. */
export function Audit() {
  const { t } = useTranslation();
  const { time_zone: zone } = useOrganization();
  const [asked, ask] = useAsked();
  const { nameOf, users } = useActorNames();
  const wanted = query(asked, zone);
  const list = useList(["audit", wanted], (cursor) =>
    data(api.GET("/api/v1/audit-log", { params: { query: { ...wanted, ...(cursor && { cursor }) } } })),
  );
  const verify = useMutation({ mutationFn: () => data(api.GET("/api/v1/audit-log/verification")) });
  return (
    <Page
      title={t("audit.title")}
      actions={
        <Button variant="outlined" loading={verify.isPending} onClick={() => verify.mutate()}>
          {t("audit.verify")}
        </Button>
      }
    >
      <Stack spacing={2} sx={{ mb: 2 }}>
        <Typography color="textSecondary" sx={{ maxWidth: "75ch" }}>
          {t("audit.about")}
        </Typography>
        {verify.error && <ProblemNote error={verify.error} />}
        {verify.data && <Verification result={verify.data} />}
      </Stack>
      <AuditFilters asked={asked} ask={ask} users={users} />
      <List list={list} empty={t("audit.none")}>
        {(rows) => <Entries rows={rows} nameOf={nameOf} onSubject={(id) => ask({ subject: id })} />}
      </List>
    </Page>
  );
}
