import Link from "@mui/material/Link";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemText from "@mui/material/ListItemText";
import Typography from "@mui/material/Typography";
import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link as To } from "react-router";

import type { components } from "../../api/schema";
import { useCourseNames } from "../../courses/queries";
import { Section } from "../../parts/Section";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";

type Present = components["schemas"]["Page_SomebodyPresent"];

const SHOWN = 50;

/** Who is in a session that is going on. */
export function PresentNow({ present }: { present: UseQueryResult<Present> }) {
  const { t } = useTranslation();
  const { time, number } = useFormats();
  const nameOf = useCourseNames();
  const all = present.data?.items ?? [];
  return (
    <Section title={t("dashboard.present")}>
      {present.error && <ProblemNote error={present.error} retry={() => void present.refetch()} />}
      {present.isPending && <Loading />}
      {present.isSuccess && all.length === 0 && <Empty title={t("dashboard.nobody")} />}
      <List disablePadding sx={{ maxHeight: 420, overflow: "auto" }}>
        {all.slice(0, SHOWN).map((one) => (
          <ListItem key={`${one.person_id} ${one.session_id}`} disableGutters divider>
            <ListItemText
              primary={
                <Link component={To} to={`/people/${one.person_id}`}>
                  <bdi>{one.name}</bdi>
                </Link>
              }
              secondary={
                <>
                  <bdi>{nameOf(one.course_id)}</bdi>
                  {one.first_seen_at && <> · {t("dashboard.since", { time: time(one.first_seen_at) })}</>}
                </>
              }
            />
          </ListItem>
        ))}
      </List>
      {all.length > SHOWN && (
        <Typography variant="body2" color="textSecondary" sx={{ mt: 1 }}>
          {t("dashboard.andMore", { number: number(all.length - SHOWN) + (present.data?.next ? "+" : "") })}
        </Typography>
      )}
    </Section>
  );
}
