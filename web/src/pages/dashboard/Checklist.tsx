import CheckCircle from "@mui/icons-material/CheckCircle";
import RadioButtonUnchecked from "@mui/icons-material/RadioButtonUnchecked";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, data } from "../../api/client";
import { useOrganization } from "../../auth/organization";
import { Section } from "../../parts/Section";
import { type Found, type Step, steps } from "./steps";

const ONE = { limit: 1 } as const;

async function find(): Promise<Found> {
  const [people, faces, courses, active, closed, marks] = await Promise.all([
    data(api.GET("/api/v1/people", { params: { query: ONE } })),
    data(api.GET("/api/v1/people", { params: { query: { enrolled: true, ...ONE } } })),
    data(api.GET("/api/v1/courses", { params: { query: ONE } })),
    data(api.GET("/api/v1/sessions", { params: { query: { state: "active", ...ONE } } })),
    data(api.GET("/api/v1/sessions", { params: { query: { state: "closed", ...ONE } } })),
    data(api.GET("/api/v1/attendance/records", { params: { query: ONE } })),
  ]);
  const any = (page: { items: unknown[] }) => page.items.length > 0;
  return { people: any(people), faces: any(faces), courses: any(courses), started: any(active) || any(closed), marks: any(marks) };
}

/** Leads from nothing to the first marked attendance; gone once that is done, and not looked for again. */
export function Checklist() {
  const { t } = useTranslation();
  const { id } = useOrganization();
  const stored = `rollcall.begun.${id}`;
  const found = useQuery({
    queryKey: ["checklist", id],
    queryFn: async () => {
      const now = await find();
      if (steps(now).every((step) => step.isDone)) localStorage.setItem(stored, "yes");
      return now;
    },
    enabled: localStorage.getItem(stored) === null,
    refetchOnMount: "always",
  });
  if (!found.data) return null;
  const all = steps(found.data);
  if (all.every((step) => step.isDone)) return null;
  return (
    <Section title={t("help.begin")} about={t("help.beginAbout")}>
      <Stack component="ol" spacing={1.5} sx={{ m: 0, p: 0, listStyle: "none" }}>
        {all.map((step, at) => (
          <StepRow key={step.name} step={step} number={at + 1} />
        ))}
      </Stack>
    </Section>
  );
}

function StepRow({ step, number }: { step: Step; number: number }) {
  const { t } = useTranslation();
  return (
    <Stack
      component="li"
      direction={{ xs: "column", sm: "row" }}
      spacing={1.5}
      aria-current={step.isNext ? "step" : undefined}
      sx={{ alignItems: { sm: "center" }, p: 1.5, borderRadius: 1, bgcolor: step.isNext ? "action.selected" : undefined }}
    >
      <Stack direction="row" spacing={1.5} sx={{ flexGrow: 1, alignItems: "start" }}>
        {step.isDone ? <CheckCircle color="success" /> : <RadioButtonUnchecked color="disabled" />}
        <Box>
          <Typography sx={{ fontWeight: 650 }}>
            {t("help.step", { number, what: t(`help.steps.${step.name}.title`) })}
            {step.isDone && (
              <Typography component="span" variant="body2" color="success" sx={{ marginInlineStart: 1 }}>
                {t("help.done")}
              </Typography>
            )}
          </Typography>
          {!step.isDone && (
            <Typography variant="body2" color="textSecondary">
              {t(`help.steps.${step.name}.how`)}
            </Typography>
          )}
        </Box>
      </Stack>
      {!step.isDone && (
        <Button component={Link} to={step.path} variant={step.isNext ? "contained" : "outlined"} sx={{ alignSelf: { xs: "start", sm: "center" }, flexShrink: 0 }}>
          {t(`help.steps.${step.name}.go`)}
        </Button>
      )}
    </Stack>
  );
}
