// What a page shows while it has nothing to show: it loads, it is empty, it failed.

import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import CircularProgress from "@mui/material/CircularProgress";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../api/problem";
import { CopyButton } from "./CopyButton";

export function Loading() {
  const { t } = useTranslation();
  return (
    <Box role="status" aria-label={t("state.loading")} sx={{ display: "grid", placeItems: "center", p: 6 }}>
      <CircularProgress />
    </Box>
  );
}

/** What went wrong, in the server's own words, and the id by which it is found in the logs. */
export function ProblemNote({ error, retry }: { error: Error; retry?: () => void }) {
  const { t } = useTranslation();
  const problem = error instanceof Problem ? error : null;
  const said = problem?.status === 0 ? t("state.unreachable") : problem ? problem.message : t("state.unknown");
  return (
    <Alert
      severity="error"
      action={
        retry && (
          <Button color="inherit" size="small" onClick={retry}>
            {t("state.retry")}
          </Button>
        )
      }
    >
      {problem?.title && <Typography sx={{ fontWeight: 650 }}>{problem.title}</Typography>}
      <Typography variant="body2">{said}</Typography>
      {problem && problem.errors.length > 0 && (
        <Box component="ul" sx={{ my: 0.5, ps: 2 }}>
          {problem.errors.map((one) => (
            <li key={`${one.pointer} ${one.code}`}>
              <code dir="ltr">{one.pointer}</code> {one.detail}
            </li>
          ))}
        </Box>
      )}
      {problem?.requestId && (
        <Stack direction="row" spacing={1} sx={{ alignItems: "center", mt: 0.5 }}>
          <Typography variant="caption">
            {t("state.requestId")} <code dir="ltr">{problem.requestId}</code>
          </Typography>
          <CopyButton text={problem.requestId} />
        </Stack>
      )}
    </Alert>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Stack spacing={2} sx={{ alignItems: "center", textAlign: "center", p: { xs: 3, sm: 6 } }}>
      <Typography color="textSecondary">{title}</Typography>
      {children}
    </Stack>
  );
}
