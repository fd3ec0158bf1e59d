import Accordion from "@mui/material/Accordion";
import AccordionDetails from "@mui/material/AccordionDetails";
import AccordionSummary from "@mui/material/AccordionSummary";
import Alert from "@mui/material/Alert";
import ExpandMore from "@mui/icons-material/ExpandMore";
import FormControl from "@mui/material/FormControl";
import FormControlLabel from "@mui/material/FormControlLabel";
import FormHelperText from "@mui/material/FormHelperText";
import FormLabel from "@mui/material/FormLabel";
import Radio from "@mui/material/Radio";
import RadioGroup from "@mui/material/RadioGroup";
import Stack from "@mui/material/Stack";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { useOrganization } from "../../auth/organization";
import { RateDial } from "../../parts/RateDial";
import { SettingsForm } from "./SettingsForm";

type Liveness = components["schemas"]["LivenessPolicy"];

const LIVENESS: readonly Liveness[] = ["off", "warn", "required"];

/** How sure a face must be, and what is done about pictures of faces. */
export function RecognitionSettings() {
  const { t } = useTranslation();
  const { id, policy } = useOrganization();
  const [rate, setRate] = useState(policy.false_match_rate ?? null);
  const [forced, setForced] = useState(policy.forced_threshold?.toFixed(2) ?? "");
  const [liveness, setLiveness] = useState<Liveness>(policy.liveness ?? "off");
  const [keepsPhotos, setKeepsPhotos] = useState(policy.retain_photos ?? false);
  const isChanged =
    rate !== (policy.false_match_rate ?? null) ||
    forced !== (policy.forced_threshold?.toFixed(2) ?? "") ||
    liveness !== (policy.liveness ?? "off") ||
    keepsPhotos !== (policy.retain_photos ?? false);
  return (
    <SettingsForm
      title={t("settings.recognition")}
      about={t("settings.recognitionAbout")}
      isChanged={isChanged}
      save={() =>
        data(
          api.PUT("/api/v1/organizations/{organization_id}/recognition-policy", {
            params: { path: { organization_id: id } },
            body: {
              false_match_rate: rate,
              forced_threshold: forced === "" ? null : Number(forced),
              liveness,
              retain_photos: keepsPhotos,
            },
          }),
        )
      }
    >
      <Typography variant="h3">{t("settings.rate")}</Typography>
      <Typography variant="body2" color="textSecondary">
        {t("settings.rateAbout")}
      </Typography>
      <RateDial rate={rate} onChange={setRate} own={t("settings.setRate")} otherwise={t("settings.rateDefault")} />
      {forced !== "" && <Alert severity="warning">{t("settings.forcedHolds", { value: forced })}</Alert>}
      <FormControl>
        <FormLabel id="liveness">{t("settings.liveness")}</FormLabel>
        <RadioGroup aria-labelledby="liveness" value={liveness} onChange={(_, value) => setLiveness(value as Liveness)}>
          {LIVENESS.map((one) => (
            <FormControlLabel
              key={one}
              value={one}
              control={<Radio />}
              sx={{ alignItems: "start", mb: 0.5 }}
              label={
                <Stack sx={{ pt: 1 }}>
                  <span>{t(`settings.livenessIs.${one}.name`)}</span>
                  <Typography variant="body2" color="textSecondary">
                    {t(`settings.livenessIs.${one}.about`)}
                  </Typography>
                </Stack>
              }
            />
          ))}
        </RadioGroup>
      </FormControl>
      <FormControl>
        <FormControlLabel
          control={<Switch checked={keepsPhotos} onChange={(_, on) => setKeepsPhotos(on)} />}
          label={t("settings.keepPhotos")}
        />
        <FormHelperText>{t("settings.keepPhotosAbout")}</FormHelperText>
      </FormControl>
      <Accordion disableGutters variant="outlined">
        <AccordionSummary expandIcon={<ExpandMore />}>{t("settings.forExperts")}</AccordionSummary>
        <AccordionDetails>
          <TextField
            type="number"
            label={t("settings.forced")}
            helperText={t("settings.forcedAbout")}
            value={forced}
            onChange={(event) => setForced(event.target.value)}
            slotProps={{ htmlInput: { min: -1, max: 1, step: 0.01 } }}
            sx={{ maxWidth: 420 }}
          />
        </AccordionDetails>
      </Accordion>
    </SettingsForm>
  );
}
