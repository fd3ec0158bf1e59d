import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";

import { useFormats } from "../../time/formats";
import { type Camera, standingOf } from "./seen";

const COLOURS = { up: "success", down: "warning", never: "default", revoked: "default" } as const;

/** Whether a camera sends, and when it was seen last. */
export function CameraState({ camera }: { camera: Camera }) {
  const { t } = useTranslation();
  const { date, dateTime } = useFormats();
  const standing = standingOf(camera, Date.now());
  return (
    <Box>
      <Chip
        size="small"
        variant="outlined"
        color={COLOURS[standing]}
        label={t(`cameras.standings.${standing}`, { at: camera.revoked_at ? date(camera.revoked_at) : "" })}
      />
      {camera.last_seen_at && (
        <Typography variant="caption" color="textSecondary" component="div">
          {t("cameras.lastSeen", { at: dateTime(camera.last_seen_at) })}
        </Typography>
      )}
    </Box>
  );
}
