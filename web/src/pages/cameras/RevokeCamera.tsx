import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api } from "../../api/client";
import type { components } from "../../api/schema";
import { Confirm } from "../../parts/Confirm";

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
    <Confirm
      title={t("cameras.revokeOne", { name: camera.name })}
      yes={t("cameras.revoke")}
      isDangerous
      isPending={revoke.isPending}
      error={revoke.error}
      onYes={() => revoke.mutate()}
      onClose={onClose}
    >
      <Typography>{t("cameras.revokeAbout")}</Typography>
    </Confirm>
  );
}
