import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { Problem } from "../../api/problem";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { Section } from "../../parts/Section";
import { Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { ME } from "./queries";

/** Asking to be erased, and what became of that. */
export function OwnErasure() {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const request = useQuery({
    queryKey: [...ME, "erasure"],
    queryFn: () =>
      data(api.GET("/api/v1/users/me/erasure-request")).catch((error: unknown) => {
        // Nothing was asked for.
        if (error instanceof Problem && error.status === 404) return null;
        throw error;
      }),
  });
  const ask = useMutation({
    mutationFn: () => api.POST("/api/v1/users/me/erasure-request"),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: [...ME, "erasure"] });
      setAsking(false);
    },
  });
  const known = request.data;
  return (
    <Section title={t("own.erasure")} about={t("own.erasureAbout")}>
      {request.error && <ProblemNote error={request.error} retry={() => void request.refetch()} />}
      {request.isPending && <Loading />}
      {known?.state === "pending" && (
        <Alert severity="info">{t("own.erasurePending", { at: dateTime(known.requested_at) })}</Alert>
      )}
      {known?.state === "declined" && (
        <Alert severity="warning" sx={{ mb: 2 }}>
          {t("own.erasureDeclined", { at: dateTime(known.decided_at ?? known.requested_at) })} <bdi>{known.reason}</bdi>
        </Alert>
      )}
      {request.isSuccess && known?.state !== "pending" && (
        <Button variant="outlined" color="error" onClick={() => setAsking(true)}>
          {t("own.askErasure")}
        </Button>
      )}
      {isAsking && (
        <ConfirmDialog
          open
          title={t("own.askErasure")}
          action={t("own.askErasure")}
          danger
          pending={ask.isPending}
          error={ask.error}
          onConfirm={() => ask.mutate()}
          onClose={() => setAsking(false)}
        >
          <Typography>{t("own.askErasureAbout")}</Typography>
        </ConfirmDialog>
      )}
    </Section>
  );
}
