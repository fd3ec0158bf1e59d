import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";

import { api, data } from "../api/client";
import { useUser } from "../auth/user";
import { ProblemNote } from "../parts/states";
import type { Enrollment } from "./source";

/** Somebody else looks the same: an administrator says whether the two are one. */
export function DuplicateDecision({ enrollment }: { enrollment: Enrollment }) {
  const { t } = useTranslation();
  const { role } = useUser();
  const client = useQueryClient();
  const path = { enrollment_id: enrollment.id };
  const decide = useMutation({
    mutationFn: (distinct: boolean) =>
      data(
        distinct
          ? api.POST("/api/v1/enrollments/{enrollment_id}/confirm-distinct", { params: { path } })
          : api.POST("/api/v1/enrollments/{enrollment_id}/dismiss", { params: { path } }),
      ),
    onSuccess: async (decided) => {
      client.setQueryData(["enrollment", decided.id], decided);
      await client.invalidateQueries({ queryKey: ["enrollments"] });
      await client.invalidateQueries({ queryKey: ["person", decided.person_id] });
    },
  });
  const other = enrollment.duplicate;
  return (
    <Alert severity="warning" sx={{ mb: 1 }}>
      <Stack spacing={1}>
        <Typography variant="body2">
          {t("enrollment.duplicate")}{" "}
          {other && (
            <Link component={RouterLink} to={`/people/${other.person_id}`} target="_blank">
              <bdi>{other.name}</bdi> (<bdi dir="ltr">{other.external_id}</bdi>)
            </Link>
          )}
        </Typography>
        {role === "admin" && (
          <Stack direction="row" useFlexGap spacing={1} sx={{ flexWrap: "wrap" }}>
            <Button size="small" variant="contained" disabled={decide.isPending} onClick={() => decide.mutate(true)}>
              {t("enrollment.twoPeople")}
            </Button>
            <Button size="small" variant="outlined" color="inherit" disabled={decide.isPending} onClick={() => decide.mutate(false)}>
              {t("enrollment.onePerson")}
            </Button>
          </Stack>
        )}
        <Typography variant="body2">
          {role === "admin" ? t("enrollment.duplicateWhat") : t("enrollment.duplicateWaits")}
        </Typography>
        {decide.error && <ProblemNote error={decide.error} />}
      </Stack>
    </Alert>
  );
}
