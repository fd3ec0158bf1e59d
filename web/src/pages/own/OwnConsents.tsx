import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemText from "@mui/material/ListItemText";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { Section } from "../../parts/Section";
import { Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { ME } from "./queries";

/** Whether one's face may be recognised; giving and withdrawing are equally easy. */
export function OwnConsents() {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const [doing, setDoing] = useState<"give" | "withdraw" | null>(null);
  const consents = useQuery({
    queryKey: [...ME, "consents"],
    queryFn: () => data(api.GET("/api/v1/users/me/consents", { params: { query: { limit: 50 } } })),
  });
  const all = consents.data?.items.toSorted((one, other) => other.recorded_at.localeCompare(one.recorded_at)) ?? [];
  const state = all[0]?.state ?? "none";
  return (
    <Section title={t("own.consent")} about={t("own.consentAbout")}>
      {consents.error && <ProblemNote error={consents.error} retry={() => void consents.refetch()} />}
      {consents.isPending && <Loading />}
      {consents.data && (
        <Stack spacing={2}>
          <Alert severity={state === "given" ? "success" : "info"}>{t(`own.consentIs.${state}`)}</Alert>
          {all.length > 0 && (
            <List dense disablePadding>
              {all.map((one) => (
                <ListItem key={one.id} disableGutters>
                  <ListItemText
                    primary={`${t(`own.consentStates.${one.state}`)} · ${dateTime(one.at)}`}
                    secondary={
                      <>
                        {one.version && (
                          <>
                            {t("own.version")} <bdi>{one.version}</bdi>
                          </>
                        )}
                        {one.guardian && (
                          <>
                            {" · "}
                            {t("own.guardian")} <bdi>{one.guardian}</bdi>
                          </>
                        )}
                      </>
                    }
                  />
                </ListItem>
              ))}
            </List>
          )}
          <Stack direction="row" spacing={1}>
            {state === "given" ? (
              <Button variant="outlined" color="error" onClick={() => setDoing("withdraw")}>
                {t("own.withdraw")}
              </Button>
            ) : (
              <Button variant="outlined" onClick={() => setDoing("give")}>
                {t("own.give")}
              </Button>
            )}
          </Stack>
        </Stack>
      )}
      {doing === "give" && <Give onClose={() => setDoing(null)} />}
      {doing === "withdraw" && <Withdraw onClose={() => setDoing(null)} />}
    </Section>
  );
}

function useDone(onClose: () => void) {
  const client = useQueryClient();
  return async () => {
    await client.invalidateQueries({ queryKey: ME });
    onClose();
  };
}

function Give({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [version, setVersion] = useState("");
  const give = useMutation({
    mutationFn: () => api.POST("/api/v1/users/me/consents", { body: { version, purpose: "face_recognition" } }),
    onSuccess: useDone(onClose),
  });
  return (
    <ConfirmDialog
      open
      title={t("own.give")}
      action={t("own.giveYes")}
      pending={give.isPending}
      error={give.error}
      onConfirm={() => give.mutate()}
      onClose={onClose}
    >
      <Typography>{t("own.giveAbout")}</Typography>
      <TextField
        label={t("own.version")}
        helperText={t("own.versionHelp")}
        required
        autoFocus
        value={version}
        onChange={(event) => setVersion(event.target.value)}
        slotProps={{ htmlInput: { dir: "auto" } }}
      />
    </ConfirmDialog>
  );
}

function Withdraw({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const withdraw = useMutation({
    mutationFn: () => api.POST("/api/v1/users/me/consents/withdraw", { body: { purpose: "face_recognition" } }),
    onSuccess: useDone(onClose),
  });
  return (
    <ConfirmDialog
      open
      title={t("own.withdraw")}
      action={t("own.withdraw")}
      danger
      pending={withdraw.isPending}
      error={withdraw.error}
      onConfirm={() => withdraw.mutate()}
      onClose={onClose}
    >
      <Typography>{t("own.withdrawAbout")}</Typography>
    </ConfirmDialog>
  );
}
