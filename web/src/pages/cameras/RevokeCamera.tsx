import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api } from "../../api/client";
import type { components } from "../../api/schema";
import { ConfirmDialog } from "../../parts/ConfirmDialog";

type Camera = components["schemas"]["Camera"];

export function RevokeCamera({ camera, onClose }: { camera: Camera; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => api.DELETE("/api/v1/cameras/{camera_id}", { params: { path: { camera_id: camera.id } } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["cameras"] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      title={t("cameras.revokeOne", { name: camera.name })}
      action={t("cameras.revoke")}
      danger
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <Typography>{t("cameras.revokeAbout")}</Typography>
    </ConfirmDialog>
  );
}
