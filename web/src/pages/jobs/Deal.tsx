import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api } from "../../api/client";
import { Problem } from "../../api/problem";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import type { DeadLetter } from "./queries";

export interface Asked {
  what: "retry" | "discard";
  letter: DeadLetter;
}

/** Asks before a failed job is sent again or thrown away. */
export function Deal({ asked: { what, letter }, onClose }: { asked: Asked; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const deal = useMutation({
    mutationFn: async () => {
      const params = { path: { dead_letter_id: letter.id } };
      const done =
        what === "retry"
          ? api.POST("/api/v1/dead-letters/{dead_letter_id}/retry", { params })
          : api.DELETE("/api/v1/dead-letters/{dead_letter_id}", { params });
      // Somebody else dealt with it meanwhile: it is gone, which was wanted.
      await done.catch((error: unknown) => {
        if (!(error instanceof Problem) || error.status !== 404) throw error;
      });
    },
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: ["jobs"] }),
  });
  const about = what === "retry" ? "jobs.retryAbout" : letter.state === "pending" ? "jobs.discardPending" : "jobs.discardAbout";
  return (
    <ConfirmDialog
      open
      title={t(`jobs.${what}Title`)}
      action={t(`jobs.${what}`)}
      danger={what === "discard"}
      pending={deal.isPending}
      error={deal.error}
      onConfirm={() => deal.mutate()}
      onClose={onClose}
    >
      <Typography>{t(about)}</Typography>
    </ConfirmDialog>
  );
}
