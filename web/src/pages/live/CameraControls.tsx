import Videocam from "@mui/icons-material/Videocam";
import VideocamOff from "@mui/icons-material/VideocamOff";
import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import FormControlLabel from "@mui/material/FormControlLabel";
import MenuItem from "@mui/material/MenuItem";
import Stack from "@mui/material/Stack";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";

import type { Problem } from "../../api/problem";
import type { Camera } from "../../live/useCamera";
import type { Numbers } from "../../live/useFrames";
import { ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { allowSound } from "./sound";

const RATES = [1, 2, 3, 5, 8] as const;

interface Props {
  camera: Camera;
  numbers: Numbers;
  problem: Problem | null;
  onStart: (deviceId?: string) => void;
  isMirrored: boolean;
  onMirror: (on: boolean) => void;
  perSecond: number;
  onPerSecond: (rate: number) => void;
  hasSound: boolean;
  onSound: (on: boolean) => void;
}

export function CameraControls(props: Props) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const { camera, numbers } = props;
  const facts = [
    t("live.sent", { n: number(numbers.sent) }),
    numbers.took === null ? null : t("live.took", { n: number(Math.round(numbers.took)) }),
    numbers.dropped > 0 ? t("live.dropped", { n: number(numbers.dropped) }) : null,
  ];
  return (
    <Stack spacing={1.5}>
      {camera.trouble && <Alert severity="error">{t(`live.trouble.${camera.trouble}`)}</Alert>}
      {props.problem && <ProblemNote error={props.problem} />}
      <Stack direction="row" spacing={1.5} useFlexGap sx={{ flexWrap: "wrap", alignItems: "center" }}>
        {camera.isOn ? (
          <Button variant="outlined" startIcon={<VideocamOff />} onClick={camera.stop}>
            {t("live.stop")}
          </Button>
        ) : (
          <Button variant="contained" startIcon={<Videocam />} loading={camera.isStarting} onClick={() => props.onStart()}>
            {t("live.start")}
          </Button>
        )}
        {camera.devices.length > 1 && (
          <TextField select label={t("live.device")} value={camera.deviceId ?? ""} onChange={(event) => props.onStart(event.target.value)} sx={{ width: 200 }}>
            {camera.devices.map((device, index) => (
              <MenuItem key={device.deviceId} value={device.deviceId}>
                {device.label || t("live.deviceNumber", { n: number(index + 1) })}
              </MenuItem>
            ))}
          </TextField>
        )}
        <TextField select label={t("live.perSecond")} value={props.perSecond} onChange={(event) => props.onPerSecond(Number(event.target.value))} sx={{ width: 150 }}>
          {RATES.map((rate) => (
            <MenuItem key={rate} value={rate}>
              {number(rate)}
            </MenuItem>
          ))}
        </TextField>
        <FormControlLabel control={<Switch checked={props.isMirrored} onChange={(event) => props.onMirror(event.target.checked)} />} label={t("live.mirror")} />
        <FormControlLabel
          control={
            <Switch
              checked={props.hasSound}
              onChange={(event) => {
                allowSound();
                props.onSound(event.target.checked);
              }}
            />
          }
          label={t("live.sound")}
        />
      </Stack>
      {numbers.sent > 0 && (
        <Typography variant="body2" color="textSecondary">
          {facts.filter(Boolean).join(" · ")}
        </Typography>
      )}
    </Stack>
  );
}
