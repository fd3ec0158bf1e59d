import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import Slider from "@mui/material/Slider";
import Switch from "@mui/material/Switch";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";

import { useFormats } from "../time/formats";
import { LEAST, MOST, STEP, dialOf, rateAt, scansPerMistake } from "./rate";

const PROPOSED = 1e-4;

interface Props {
  rate: number | null;
  onChange: (rate: number | null) => void;
  /** What is said of the switch that sets one here. */
  own: string;
  /** What holds where none is set here. */
  otherwise: string;
}

/** How often a stranger may be taken for somebody, in words; null leaves it to whatever holds otherwise. */
export function RateDial({ rate, onChange, own, otherwise }: Props) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const said = (value: number) => t("settings.oneIn", { number: number(scansPerMistake(value)) });
  return (
    <Box>
      <FormControlLabel
        control={<Switch checked={rate !== null} onChange={(_, on) => onChange(on ? PROPOSED : null)} />}
        label={own}
      />
      {rate === null ? (
        <Typography variant="body2" color="textSecondary">
          {otherwise}
        </Typography>
      ) : (
        <Box sx={{ maxWidth: 520, px: 1 }}>
          <Typography sx={{ fontWeight: 650, mt: 1 }} aria-live="polite">
            {said(rate)}
          </Typography>
          <Slider
            aria-label={t("settings.rate")}
            min={LEAST}
            max={MOST}
            step={STEP}
            value={dialOf(rate)}
            onChange={(_, dial) => onChange(rateAt(dial as number))}
            getAriaValueText={(dial) => said(rateAt(dial))}
          />
          <Box sx={{ display: "flex", justifyContent: "space-between" }}>
            <Typography variant="caption" color="textSecondary">
              {t("settings.laxer")}
            </Typography>
            <Typography variant="caption" color="textSecondary">
              {t("settings.stricter")}
            </Typography>
          </Box>
        </Box>
      )}
    </Box>
  );
}
