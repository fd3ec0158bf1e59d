import Accordion from "@mui/material/Accordion";
import AccordionDetails from "@mui/material/AccordionDetails";
import AccordionSummary from "@mui/material/AccordionSummary";
import ExpandMore from "@mui/icons-material/ExpandMore";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { List, useList } from "../../parts/List";
import { useFormats } from "../../time/formats";

/** Who was on the roster from when to when. */
export function RosterHistory({ courseId, zone }: { courseId: string; zone: string | null | undefined }) {
  const { t } = useTranslation();
  const clock = useFormats(zone);
  const [isOpen, setOpen] = useState(false);
  const history = useList<components["schemas"]["RosterMembership"]>(
    ["courses", courseId, "roster history"],
    (cursor) => data(api.GET("/api/v1/courses/{course_id}/roster/history", { params: { path: { course_id: courseId }, query: { limit: 100, ...(cursor && { cursor }) } } })),
    { enabled: isOpen },
  );
  return (
    <Accordion expanded={isOpen} onChange={(_, open) => setOpen(open)}>
      <AccordionSummary expandIcon={<ExpandMore />}>{t("courses.rosterHistory")}</AccordionSummary>
      <AccordionDetails>
        <List list={history} empty={t("courses.noRoster")}>
          {(rows) =>
            rows.map((row) => (
              <Stack key={`${row.person_id} ${row.added_at}`} sx={{ py: 0.75, borderBottom: 1, borderColor: "divider" }}>
                <Typography dir="auto">{row.name}</Typography>
                <Typography variant="body2" color="textSecondary">
                  {row.removed_at ? t("courses.fromTo", { from: clock.weekdayDate(row.added_at), to: clock.weekdayDate(row.removed_at) }) : t("courses.since", { day: clock.weekdayDate(row.added_at) })}
                </Typography>
              </Stack>
            ))
          }
        </List>
      </AccordionDetails>
    </Accordion>
  );
}
