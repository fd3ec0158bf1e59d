import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemText from "@mui/material/ListItemText";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { useOrganization } from "../../auth/organization";
import { Section } from "../../parts/Section";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { ConsentChip } from "../people/chips";
import type { Person } from "../people/personFields";
import { GiveConsent, WithdrawConsent } from "./ConsentDialogs";

/** What is on record about a person's consent to be recognised; it can be given and withdrawn here. */
export function Consents({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const organization = useOrganization();
  const [ask, setAsk] = useState<"give" | "withdraw" | null>(null);
  const [erased, setErased] = useState<components["schemas"]["ErasedFace"] | null>(null);
  const consents = useInfiniteQuery({
    queryKey: ["person", person.id, "consents"],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/v1/people/{person_id}/consents", {
          params: { path: { person_id: person.id }, query: pageParam ? { cursor: pageParam } : {} },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  const rows = consents.data?.pages.flatMap((page) => page.items) ?? [];
  const actions = (
    <>
      <Button variant="outlined" onClick={() => setAsk("give")}>
        {t("person.consent.give")}
      </Button>
      {person.consent !== "withdrawn" && (
        <Button color="error" onClick={() => setAsk("withdraw")}>
          {t("person.consent.withdraw")}
        </Button>
      )}
    </>
  );
  return (
    <Section title={t("person.consent.title")} actions={actions}>
      <Stack spacing={2}>
        <Typography variant="body2" color="textSecondary">
          {organization.settings.consent_required ? t("person.consent.required") : t("person.consent.notRequired")}
        </Typography>
        {erased && (
          <Alert severity="info" onClose={() => setErased(null)}>
            {t("person.consent.erased", { templates: erased.templates, photos: erased.photos })}
          </Alert>
        )}
        {consents.error && <ProblemNote error={consents.error} retry={() => void consents.refetch()} />}
        {consents.isPending && <Loading />}
        {consents.isSuccess && rows.length === 0 && <Empty title={t("person.consent.none")} />}
        <List disablePadding>
          {rows.toReversed().map((one) => (
            <ListItem key={one.id} disableGutters divider>
              <ListItemText
                disableTypography
                primary={
                  <Stack direction="row" useFlexGap spacing={1} sx={{ flexWrap: "wrap", alignItems: "center" }}>
                    <ConsentChip consent={one.state} />
                    <Typography>{dateTime(one.at)}</Typography>
                  </Stack>
                }
                secondary={
                  <Typography variant="body2" color="textSecondary" sx={{ mt: 0.5 }}>
                    {one.version && (
                      <>
                        {t("person.consent.version")}: <bdi>{one.version}</bdi>
                        {" · "}
                      </>
                    )}
                    {one.guardian ? (
                      <>
                        {t("person.consent.guardian")}: <bdi>{one.guardian}</bdi>
                      </>
                    ) : (
                      t("person.consent.themselves")
                    )}
                    {" · "}
                    {t("person.consent.recorded", { at: dateTime(one.recorded_at) })}
                  </Typography>
                }
              />
            </ListItem>
          ))}
        </List>
        {consents.hasNextPage && (
          <Button onClick={() => void consents.fetchNextPage()} loading={consents.isFetchingNextPage}>
            {t("state.more")}
          </Button>
        )}
      </Stack>
      {ask === "give" && <GiveConsent person={person} versions={rows.map((one) => one.version)} onClose={() => setAsk(null)} />}
      {ask === "withdraw" && <WithdrawConsent person={person} onClose={() => setAsk(null)} onErased={setErased} />}
    </Section>
  );
}
