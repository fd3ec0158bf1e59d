import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import { useOrganization } from "../../auth/organization";
import { useCourseNames } from "../../courses/queries";
import { CopyText } from "../../parts/CopyText";
import { Page } from "../../parts/Page";
import { QrCode } from "../../parts/QrCode";
import { Section } from "../../parts/Section";
import { useAsked } from "../../parts/asked";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { useSessionsNow } from "../dashboard/queries";
import { kioskLink } from "./pass";

/** Makes a key for a tablet at the door, and the address that it is opened with. */
export function KioskSetup() {
  const { t } = useTranslation();
  const [link, setLink] = useState<string | null>(null);
  return (
    <Page
      title={t("kiosk.setUp")}
      actions={
        <Button variant="outlined" component={Link} to="/cameras">
          {t("cameras.title")}
        </Button>
      }
    >
      <Stack spacing={3} sx={{ maxWidth: 720 }}>
        <Typography color="textSecondary">{t("kiosk.setUpAbout")}</Typography>
        {link ? <Ready link={link} onAnother={() => setLink(null)} /> : <ChooseSession onMade={setLink} />}
      </Stack>
    </Page>
  );
}

function ChooseSession({ onMade }: { onMade: (link: string) => void }) {
  const { t } = useTranslation();
  const { time } = useFormats();
  const { time_zone: zone } = useOrganization();
  const [asked, ask] = useAsked();
  const client = useQueryClient();
  const nameOf = useCourseNames();
  const sessions = useSessionsNow(zone);
  const open = sessions.data?.filter((session) => session.state !== "closed") ?? [];
  const chosen = open.find((session) => session.id === asked.get("session")) ?? open[0];
  const [typed, setTyped] = useState<string | null>(null);
  const title = typed ?? (chosen ? nameOf(chosen.course_id) : "");
  const make = useMutation({
    mutationFn: async (sessionId: string) => {
      const name = `${t("kiosk.title")}: ${title}`.slice(0, 200);
      const camera = await data(api.POST("/api/v1/cameras", { body: { name, session_id: sessionId } }));
      return kioskLink(location.origin, sessionId, { key: camera.key, title, zone });
    },
    onSuccess: async (link) => {
      await client.invalidateQueries({ queryKey: ["cameras"] });
      onMade(link);
    },
  });
  if (sessions.error && !sessions.data) return <ProblemNote error={sessions.error} retry={() => void sessions.refetch()} />;
  if (sessions.isPending) return <Loading />;
  if (!chosen) {
    return (
      <Empty title={t("kiosk.noSession")}>
        <Button component={Link} to="/sessions" variant="contained">
          {t("kiosk.plan")}
        </Button>
      </Empty>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate(chosen.id);
  };
  return (
    <Section title={t("kiosk.choose")}>
      <Stack component="form" spacing={2} onSubmit={submit}>
        <TextField select label={t("kiosk.session")} value={chosen.id} onChange={(event) => ask({ session: event.target.value })}>
          {open.map((session) => (
            <MenuItem key={session.id} value={session.id}>
              <bdi>{nameOf(session.course_id)}</bdi>&nbsp;· <bdi>{time(session.starts_at)}</bdi> · <bdi>{t(`sessions.states.${session.state}`)}</bdi>
            </MenuItem>
          ))}
        </TextField>
        <TextField
          label={t("kiosk.heading")}
          helperText={t("kiosk.headingHelp")}
          required
          value={title}
          onChange={(event) => setTyped(event.target.value)}
          slotProps={{ htmlInput: { maxLength: 120, dir: "auto" } }}
        />
        {make.error && <ProblemNote error={make.error} />}
        <Button type="submit" variant="contained" loading={make.isPending} sx={{ alignSelf: "start" }}>
          {t("kiosk.make")}
        </Button>
      </Stack>
    </Section>
  );
}

function Ready({ link, onAnother }: { link: string; onAnother: () => void }) {
  const { t } = useTranslation();
  return (
    <Section title={t("kiosk.ready")} about={t("kiosk.readyAbout")}>
      <Stack spacing={2}>
        <Box sx={{ maxWidth: 320 }}>
          <QrCode text={link} label={t("kiosk.linkCode")} />
        </Box>
        <CopyText name={t("kiosk.link")} text={link} />
        <Alert severity="warning">{t("kiosk.linkOnce")}</Alert>
        <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: "wrap" }}>
          <Button variant="contained" href={link} target="_blank" rel="noopener noreferrer">
            {t("kiosk.openHere")}
          </Button>
          <Button onClick={onAnother}>{t("kiosk.another")}</Button>
        </Stack>
      </Stack>
    </Section>
  );
}
