import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate } from "react-router";

import { api, data } from "../../api/client";
import { Problem } from "../../api/problem";
import { Page } from "../../parts/Page";
import { Section } from "../../parts/Section";
import { ProblemNote } from "../../parts/states";
import { codeIn } from "../../roomCode";
import { useFormats } from "../../time/formats";
import { ScanCode } from "./ScanCode";
import { device } from "./device";
import { ME } from "./queries";

type Direction = "in" | "out";

/** Where the code of a room leads to. */
export function CheckIn() {
  const { t } = useTranslation();
  const { hash } = useLocation();
  const navigate = useNavigate();
  const code = codeIn(hash);
  return (
    <Page
      title={t("own.checkIn")}
      actions={
        <Button variant="outlined" component={Link} to="/me">
          {t("own.title")}
        </Button>
      }
    >
      <Stack spacing={3} sx={{ maxWidth: 560 }}>
        {code && <Answer key={code.qr} {...code} />}
        <ScanCode onCode={(found) => void navigate(`/check-in#${found.qr}`, { replace: true })} />
      </Stack>
    </Page>
  );
}

function Answer({ qr, sessionId }: { qr: string; sessionId: string }) {
  const { t } = useTranslation();
  const { time } = useFormats();
  const client = useQueryClient();
  const [did, setDid] = useState<Direction>("in");
  const checkIn = useMutation({
    mutationFn: (direction: Direction) => {
      setDid(direction);
      return data(
        api.POST("/api/v1/sessions/{session_id}/check-in", {
          params: { path: { session_id: sessionId } },
          body: { qr, device: device(), direction },
        }),
      );
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ME }),
  });
  if (checkIn.data) {
    const state = checkIn.data.attendance.state;
    const at = checkIn.data.attendance.first_seen_at;
    return (
      <Alert severity="success">
        <Typography sx={{ fontWeight: 650 }}>{t(did === "in" ? "own.checkedIn" : "own.checkedOut")}</Typography>
        {state && t(`results.states.${state}`)}
        {at && ` · ${t("own.firstSeen", { time: time(at) })}`}
      </Alert>
    );
  }
  const isOld = checkIn.error instanceof Problem && checkIn.error.errors.some((one) => one.pointer === "/qr");
  return (
    <Section title={t("own.codeRead")} about={t("own.codeReadAbout")}>
      <Stack spacing={2}>
        {isOld && <Alert severity="warning">{t("own.codeOld")}</Alert>}
        {checkIn.error && !isOld && <ProblemNote error={checkIn.error} />}
        <Stack direction="row" spacing={2}>
          <Button size="large" variant="contained" loading={checkIn.isPending && did === "in"} onClick={() => checkIn.mutate("in")}>
            {t("own.iAmHere")}
          </Button>
          <Button size="large" variant="outlined" loading={checkIn.isPending && did === "out"} onClick={() => checkIn.mutate("out")}>
            {t("own.iLeave")}
          </Button>
        </Stack>
      </Stack>
    </Section>
  );
}
