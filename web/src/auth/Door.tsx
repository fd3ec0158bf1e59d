import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { LanguageMenu } from "../shell/LanguageMenu";

/** The page before one is in. */
export function Door({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Box component="main" sx={{ minHeight: "100vh", display: "grid", placeItems: "center", p: 2 }}>
      <Stack spacing={2} sx={{ width: "100%", maxWidth: 400 }}>
        <Stack direction="row" spacing={1.5} sx={{ alignItems: "center" }}>
          <img src="/icon.svg" alt="" width={40} height={40} />
          <Box sx={{ flexGrow: 1 }}>
            <Typography variant="h2" component="p">
              {t("app")}
            </Typography>
            <Typography variant="body2" color="textSecondary">
              {t("account.welcome")}
            </Typography>
          </Box>
          <LanguageMenu />
        </Stack>
        <Paper sx={{ p: 3 }}>
          <Typography variant="h1" sx={{ mb: 2 }}>
            {title}
          </Typography>
          {children}
        </Paper>
      </Stack>
    </Box>
  );
}
