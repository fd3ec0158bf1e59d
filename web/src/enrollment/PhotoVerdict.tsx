import CheckCircle from "@mui/icons-material/CheckCircle";
import ErrorIcon from "@mui/icons-material/Error";
import HourglassEmpty from "@mui/icons-material/HourglassEmpty";
import Image from "@mui/icons-material/Image";
import Box from "@mui/material/Box";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useFormats } from "../time/formats";
import type { PhotoStatus } from "./source";

interface Props {
  name: string;
  /** Chosen and not sent yet, or what the server says. */
  state: PhotoStatus["state"] | "chosen";
  /** Its picture; `null` where it cannot be shown, left out where nobody has it any more. */
  preview?: string | null | undefined;
  quality?: number | null | undefined;
  /** Why it was of no use; its words are the panel's, and the server's where the panel has none. */
  reason?: string | null | undefined;
  advice?: string | null | undefined;
  action?: ReactNode;
}

/** One photo with what became of it, in words. */
export function PhotoVerdict({ name, state, preview, quality, reason, advice, action }: Props) {
  const { t, i18n } = useTranslation();
  const { number } = useFormats();
  const key = `enrollment.advices.${reason}`;
  const said = reason ? (i18n.exists(key) ? t(key) : (advice ?? t("enrollment.rejected"))) : null;
  return (
    <Stack component="li" direction="row" spacing={1.5} sx={{ alignItems: "center" }}>
      {preview !== undefined && (
        <Box sx={{ width: 56, height: 56, flexShrink: 0, borderRadius: 1, overflow: "hidden", bgcolor: "action.hover", display: "grid", placeItems: "center" }}>
          {preview ? (
            <Box component="img" src={preview} alt="" sx={{ width: "100%", height: "100%", objectFit: "cover" }} />
          ) : (
            <Image color="disabled" />
          )}
        </Box>
      )}
      <Box sx={{ flexGrow: 1, minWidth: 0 }}>
        <Typography variant="body2" noWrap color="textSecondary">
          <bdi>{name}</bdi>
        </Typography>
        <Stack direction="row" spacing={0.75} sx={{ alignItems: "flex-start" }}>
          {state === "accepted" && <CheckCircle color="success" fontSize="small" />}
          {state === "rejected" && <ErrorIcon color="error" fontSize="small" />}
          {state === "pending" && <HourglassEmpty color="disabled" fontSize="small" />}
          <Typography variant="body2">
            {state === "accepted" && t("enrollment.accepted")}
            {state === "pending" && t("enrollment.waiting")}
            {state === "rejected" && said}
            {state === "accepted" && typeof quality === "number" && ` · ${t("enrollment.quality", { quality: number(quality) })}`}
          </Typography>
        </Stack>
      </Box>
      {action}
    </Stack>
  );
}
