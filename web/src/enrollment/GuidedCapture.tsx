import Cameraswitch from "@mui/icons-material/Cameraswitch";
import CheckCircle from "@mui/icons-material/CheckCircle";
import RadioButtonUnchecked from "@mui/icons-material/RadioButtonUnchecked";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { ProblemNote } from "../parts/states";
import { clock, secondsLeft, turn } from "./guidance";
import { PoseGuide } from "./PoseGuide";
import type { Capture, EnrollmentSource } from "./source";
import { useOpenCamera } from "./useOpenCamera";
import { useGuidedCapture } from "./useGuidedCapture";

interface Props {
  source: EnrollmentSource;
  /** All poses were taken; the enrollment is followed elsewhere. */
  onCompleted: (enrollmentId: string) => void;
}

/** Enrolls before a camera: the pose to take next is drawn on the picture, and what is wrong is said as it happens. */
export function GuidedCapture({ source, onCompleted }: Props) {
  const { t } = useTranslation();
  const [facing, setFacing] = useState<"user" | "environment">("user");
  const camera = useOpenCamera(facing);
  const guided = useGuidedCapture(source, camera.frame);
  const { capture } = guided;
  const isOpen = capture?.state === "open";
  const isMirrored = facing === "user";
  const completed = capture?.state === "completed" ? (capture.enrollment_id ?? null) : null;
  useEffect(() => {
    if (completed) onCompleted(completed);
  }, [completed, onCompleted]);

  const trouble = camera.state === "on" || camera.state === "starting" ? null : camera.state;
  return (
    <Stack spacing={2} sx={{ maxWidth: 720, mx: "auto" }}>
      {trouble && <Alert severity="error">{t(`live.trouble.${trouble}`)}</Alert>}
      <Box
        sx={{
          // The element is there before the camera is: it is what the camera is shown in.
          display: trouble ? "none" : "block",
          position: "relative",
          bgcolor: "#000",
          borderRadius: 1,
          overflow: "hidden",
          aspectRatio: { xs: "3 / 4", sm: "4 / 3" },
          maxHeight: "70vh",
          width: "100%",
        }}
      >
        <Box
          component="video"
          ref={camera.attach}
          muted
          playsInline
          aria-label={t("enrollment.camera.picture")}
          // Not by the language's direction: a mirror is one in all of them.
          style={{ transform: isMirrored ? "scaleX(-1)" : "none" }}
          sx={{ width: "100%", height: "100%", objectFit: "cover", display: "block" }}
        />
        {isOpen && <PoseGuide turn={turn(capture.wanted ?? "centre", isMirrored)} isDone={capture.advice === "next_pose"} />}
        {isOpen && <Said capture={capture} />}
      </Box>
      {isOpen && <Progress capture={capture} />}
      {guided.isInterrupted && isOpen && <Alert severity="warning">{t("enrollment.camera.interrupted")}</Alert>}
      {capture?.state === "failed" && (
        <Alert severity="error">{t(`enrollment.failures.${capture.failure ?? "expired"}`)}</Alert>
      )}
      {guided.error && <ProblemNote error={guided.error} />}
      <Stack direction="row" useFlexGap spacing={1} sx={{ justifyContent: "center", flexWrap: "wrap" }}>
        {!isOpen && (
          <Button variant="contained" size="large" disabled={camera.state !== "on"} loading={guided.isBeginning} onClick={guided.begin}>
            {capture || guided.error ? t("enrollment.camera.again") : t("enrollment.camera.start")}
          </Button>
        )}
        <Button
          color="inherit"
          startIcon={<Cameraswitch />}
          onClick={() => setFacing(isMirrored ? "environment" : "user")}
          disabled={camera.state === "insecure"}
        >
          {t("enrollment.camera.other")}
        </Button>
      </Stack>
      {!isOpen && (
        <Typography variant="body2" color="textSecondary" sx={{ textAlign: "center" }}>
          {t("enrollment.camera.how")}
        </Typography>
      )}
    </Stack>
  );
}

/** What to do now, on the picture and read out. */
function Said({ capture }: { capture: Capture }) {
  const { t } = useTranslation();
  const pose = t(`enrollment.poses.${capture.wanted ?? "centre"}`);
  return (
    <Box
      role="status"
      sx={{ position: "absolute", insetInline: 0, bottom: 0, p: 1.5, bgcolor: "rgba(0,0,0,.66)", color: "#fff", textAlign: "center" }}
    >
      <Typography sx={{ fontSize: { xs: "1.15rem", sm: "1.4rem" }, fontWeight: 650 }}>
        {capture.advice ? t(`enrollment.advice.${capture.advice}`) : pose}
      </Typography>
      {capture.advice === "next_pose" && <Typography>{pose}</Typography>}
    </Box>
  );
}

function Progress({ capture }: { capture: Capture }) {
  const { t } = useTranslation();
  const left = useSecondsLeft(capture.expires_at);
  return (
    <Stack direction="row" spacing={1} sx={{ alignItems: "center", justifyContent: "center" }}>
      <Stack direction="row" aria-hidden="true">
        {Array.from({ length: capture.poses }, (_, index) =>
          index < capture.taken ? <CheckCircle key={index} color="success" /> : <RadioButtonUnchecked key={index} color="disabled" />,
        )}
      </Stack>
      <Typography variant="body2">
        {t("enrollment.camera.taken", { taken: capture.taken, poses: capture.poses })}
        {left < 60 && (
          <>
            {" · "}
            {t("enrollment.camera.left", { left: clock(left) })}
          </>
        )}
      </Typography>
    </Stack>
  );
}

function useSecondsLeft(until: string): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return secondsLeft(until, now);
}
