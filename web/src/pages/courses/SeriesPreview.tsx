import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";

import type { components } from "../../api/schema";
import { useFormats } from "../../time/formats";

/** The days on which a series would meet, and those on which holidays keep it from it. */
export function SeriesPreview({ preview }: { preview: components["schemas"]["SeriesPreview"] }) {
  const { t } = useTranslation();
  const { number, weekday } = useFormats();
  const { meetings } = preview;
  const held = meetings.filter((meeting) => !meeting.holiday).length;
  return (
    <Box role="status">
      <Typography sx={{ fontWeight: 650 }}>
        {t("courses.series.meets", { count: held, n: number(held) })}
        {preview.has_more && ` ${t("courses.series.andMore")}`}
      </Typography>
      <Box component="ul" sx={{ maxHeight: 220, overflowY: "auto", ps: 2, my: 1 }}>
        {meetings.map((meeting) => (
          <li key={meeting.starts_at}>
            <Typography variant="body2" component="span" sx={{ textDecoration: meeting.holiday ? "line-through" : "none" }}>
              {weekday(meeting.day)},{" "}
              <span dir="ltr">
                {meeting.local_start.slice(11, 16)}–{meeting.local_end.slice(11, 16)}
              </span>
            </Typography>
            {meeting.holiday && (
              <Typography variant="body2" component="span" color="warning">
                {" "}
                {t("sessions.holiday", { name: meeting.holiday })}
              </Typography>
            )}
          </li>
        ))}
      </Box>
    </Box>
  );
}
