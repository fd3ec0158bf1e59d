import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemText from "@mui/material/ListItemText";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import { useOrganization } from "../../auth/organization";
import { List as Listed, useList } from "../../parts/List";
import { Section } from "../../parts/Section";
import { useFormats } from "../../time/formats";

const COLORS = { pending: "primary", completed: "success", failed: "error", duplicate_suspected: "warning" } as const;

/** What became of each time that one's face was enrolled. */
export function OwnFace() {
  const { t } = useTranslation();
  const { dateTime, number } = useFormats();
  const mayEnroll = useOrganization().settings.members_may_enroll;
  const list = useList(["own", "enrollments"], (cursor) =>
    data(api.GET("/api/v1/users/me/enrollments", { params: { query: cursor ? { cursor } : {} } })),
  );
  return (
    <Section
      title={t("own.face")}
      about={mayEnroll ? t("own.faceAbout") : t("own.faceByStaff")}
      actions={
        mayEnroll && (
          <Button variant="outlined" component={Link} to="/me/enroll">
            {t("own.enroll")}
          </Button>
        )
      }
    >
      <Listed list={list} empty={t("own.noFace")}>
        {(rows) => (
          <List disablePadding>
            {rows.toReversed().map((row) => (
              <ListItem
                key={row.id}
                divider
                disableGutters
                secondaryAction={<Chip size="small" variant="outlined" color={COLORS[row.state]} label={t(`own.enrollment.${row.state}`)} />}
                sx={{ paddingInlineEnd: 16 }}
              >
                <ListItemText
                  primary={dateTime(row.created_at)}
                  secondary={t("own.photos", {
                    count: row.photos.length,
                    number: number(row.photos.length),
                    good: number(row.photos.filter((photo) => photo.state === "accepted").length),
                  })}
                />
              </ListItem>
            ))}
          </List>
        )}
      </Listed>
      <Typography variant="body2" color="textSecondary" sx={{ mt: 1 }}>
        {t("own.noPicture")}
      </Typography>
    </Section>
  );
}
