import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";

import type { components } from "../../api/schema";
import { CopyButton } from "../../parts/CopyButton";
import { useFormats } from "../../time/formats";

/** Whether the log is as it was written. */
export function Verification({ result }: { result: components["schemas"]["AuditVerification"] }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  return (
    <Alert severity={result.is_whole ? "success" : "error"}>
      <Typography sx={{ fontWeight: 650 }}>
        {result.is_whole ? t("audit.whole", { number: number(result.entries) }) : t("audit.broken")}
      </Typography>
      {result.problems.length > 0 && (
        <Box component="ul" sx={{ my: 0.5, paddingInlineStart: 2 }}>
          {result.problems.map((one) => (
            <li key={`${one.sequence} ${one.kind}`}>
              {t(`audit.problems.${one.kind}`, { defaultValue: one.kind })}, {t("audit.sequence")} {number(one.sequence)}:{" "}
              <bdi>{one.detail}</bdi>
            </li>
          ))}
        </Box>
      )}
      <Stack direction="row" spacing={1} useFlexGap sx={{ alignItems: "center", flexWrap: "wrap" }}>
        <Typography variant="caption" sx={{ overflowWrap: "anywhere" }}>
          {t("audit.last", { sequence: number(result.last_sequence) })} <code dir="ltr">{result.last_hash}</code>
        </Typography>
        <CopyButton text={result.last_hash} />
      </Stack>
    </Alert>
  );
}
