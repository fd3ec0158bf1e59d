import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import Slider from "@mui/material/Slider";
import Switch from "@mui/material/Switch";
import Typography from "@mui/material/Typography";
import { useId } from "react";
import { useTranslation } from "react-i18next";

import { useFormats } from "../../time/formats";
import { SCANS, rateOf, stepOf } from "./policy";

const USUAL = 2;

/** How often a stranger may be marked as somebody, as one wrong mark in so many scans; null as the organization has it. */
export function RateDial({ rate, onChange }: { rate: number | null; onChange: (rate: number | null) => void }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const label = useId();
  const step = rate === null ? USUAL : stepOf(rate);
  const words = (at: number) => t("courses.policy.oneIn", { n: number(SCANS[at] ?? SCANS[USUAL]) });
  // One that was set elsewhere is said as it is, and stays until the dial is moved.
  const current = rate === null ? t("courses.policy.asOrganization") : t("courses.policy.oneIn", { n: number(Math.round(1 / rate)) });
  return (
    <Box sx={{ maxWidth: 560 }}>
      <Typography id={label} sx={{ fontWeight: 650 }}>
        {t("courses.policy.rate")}
      </Typography>
      <FormControlLabel control={<Switch checked={rate !== null} onChange={(event) => onChange(event.target.checked ? rateOf(USUAL) : null)} />} label={t("courses.policy.ownRate")} />
      <Box sx={{ px: 1.5 }}>
        <Slider
          aria-labelledby={label}
          value={step}
          min={0}
          max={SCANS.length - 1}
          step={1}
          marks
          disabled={rate === null}
          getAriaValueText={words}
          onChange={(_, next) => onChange(rateOf(Array.isArray(next) ? (next[0] ?? USUAL) : next))}
        />
        <Box sx={{ display: "flex", justifyContent: "space-between" }}>
          <Typography variant="body2" color="textSecondary">
            {t("courses.policy.lenient")}
          </Typography>
          <Typography variant="body2" color="textSecondary">
            {t("courses.policy.strict")}
          </Typography>
        </Box>
      </Box>
      <Typography aria-live="polite" sx={{ mt: 1 }}>
        {current}
      </Typography>
    </Box>
  );
}
