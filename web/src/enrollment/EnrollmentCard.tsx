import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import LinearProgress from "@mui/material/LinearProgress";
import Link from "@mui/material/Link";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";

import { useFormats } from "../time/formats";
import { DuplicateDecision } from "./DuplicateDecision";
import { PhotoVerdict } from "./PhotoVerdict";
import type { Enrollment } from "./source";
import { tally } from "./verdicts";

const COLORS = { pending: "primary", completed: "success", failed: "error", duplicate_suspected: "warning" } as const;

interface Props {
  enrollment: Enrollment;
  /** The pictures that were sent, where this browser still has them, in the order of the photos. */
  previews?: readonly string[];
  /** How many photos were looked at so far, where that is known. */
  judged?: number | null;
}

/** How an enrollment stands, with what became of each of its photos and what to do about that. */
export function EnrollmentCard({ enrollment, previews = [], judged = null }: Props) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const { accepted, total } = tally(enrollment);
  // Somebody has said that the two are one: what the photos were like is not why it failed.
  const other = enrollment.state === "failed" ? enrollment.duplicate : null;
  const photos = other ? [] : enrollment.photos;
  return (
    <Box component="article">
      <Stack direction="row" useFlexGap spacing={1} sx={{ mb: 1, flexWrap: "wrap", alignItems: "center" }}>
        <Chip size="small" color={COLORS[enrollment.state]} label={t(`enrollment.states.${enrollment.state}`)} />
        <Typography variant="body2" color="textSecondary">
          {dateTime(enrollment.created_at)}
        </Typography>
        {enrollment.distinct_confirmed && <Typography variant="body2">{t("enrollment.distinctConfirmed")}</Typography>}
      </Stack>
      <Box aria-live="polite">
        {enrollment.state === "pending" && (
          <Box sx={{ mb: 1 }}>
            <Typography variant="body2">
              {judged === null ? t("enrollment.looking", { count: total }) : t("enrollment.judged", { judged, total })}
            </Typography>
            <LinearProgress
              {...(judged !== null && { variant: "determinate", value: (100 * judged) / Math.max(1, total) })}
              sx={{ mt: 0.5 }}
              aria-label={t("enrollment.states.pending")}
            />
          </Box>
        )}
        {enrollment.state === "completed" && (
          <Alert severity="success" sx={{ mb: 1 }}>
            {t("enrollment.completed", { count: accepted, total })}
          </Alert>
        )}
        {enrollment.state === "failed" && (
          <Alert severity={other ? "info" : "error"} sx={{ mb: 1 }}>
            {other ? t("enrollment.dismissed") : t("enrollment.failed")}{" "}
            {other && (
              <Link component={RouterLink} to={`/people/${other.person_id}`}>
                <bdi>{other.name}</bdi> (<bdi dir="ltr">{other.external_id}</bdi>)
              </Link>
            )}
          </Alert>
        )}
        {enrollment.state === "duplicate_suspected" && <DuplicateDecision enrollment={enrollment} />}
      </Box>
      <Stack component="ul" spacing={1} sx={{ listStyle: "none", p: 0, m: 0 }}>
        {photos.map((photo, index) => (
          <PhotoVerdict
            key={photo.id}
            name={photo.file_name}
            state={photo.state}
            preview={previews[index]}
            quality={photo.quality}
            reason={photo.rejection}
            advice={photo.advice}
          />
        ))}
      </Stack>
    </Box>
  );
}
