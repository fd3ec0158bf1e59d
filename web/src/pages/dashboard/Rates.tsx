import Box from "@mui/material/Box";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { Suspense, lazy } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { useOrganization } from "../../auth/organization";
import { Section } from "../../parts/Section";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { useDays } from "./queries";

const RateChart = lazy(async () => ({ default: (await import("./RateChart")).RateChart }));

const RANGES = [30, 90, 365] as const;

/** How many of those who were expected came, day by day. */
export function Rates() {
  const { t } = useTranslation();
  const { number } = useFormats();
  const { time_zone: zone } = useOrganization();
  const [asked, setAsked] = useSearchParams();
  const range = RANGES.find((one) => String(one) === asked.get("days")) ?? 30;
  const days = useDays(range, zone);
  return (
    <Section
      title={t("dashboard.rates")}
      about={t("dashboard.ratesAbout")}
      actions={
        <ToggleButtonGroup
          size="small"
          exclusive
          value={range}
          aria-label={t("dashboard.range")}
          onChange={(_, next: number | null) => {
            if (next) setAsked({ days: String(next) }, { replace: true });
          }}
        >
          {RANGES.map((one) => (
            <ToggleButton key={one} value={one}>
              {t("dashboard.days", { count: one, number: number(one) })}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      }
    >
      {days.error && <ProblemNote error={days.error} retry={() => void days.refetch()} />}
      {days.isPending && <Loading />}
      {days.data?.length === 0 && <Empty title={t("dashboard.noDays")} />}
      {days.data && days.data.length > 0 && (
        <Box sx={{ minHeight: 300 }}>
          <Suspense fallback={<Loading />}>
            <RateChart days={days.data} />
          </Suspense>
        </Box>
      )}
    </Section>
  );
}
