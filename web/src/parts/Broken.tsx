import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { isRouteErrorResponse, useRouteError } from "react-router";

import { NotFound } from "./NotFound";
import { Page } from "./Page";
import { ProblemNote } from "./states";

/** Instead of a page that threw: what was wrong, and two ways on. */
export function Broken() {
  const { t } = useTranslation();
  const thrown = useRouteError();
  if (isRouteErrorResponse(thrown) && thrown.status === 404) return <NotFound />;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return (
    <Page title={t("state.broken")}>
      <Stack spacing={2} sx={{ maxWidth: 640, alignItems: "start" }}>
        <Typography>{t(isOfFetching(error) ? "state.changed" : "state.brokenAbout")}</Typography>
        <ProblemNote error={error} />
        <Typography variant="body2" component="code" dir="ltr" color="textSecondary" sx={{ overflowWrap: "anywhere" }}>
          {error.message}
        </Typography>
        <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: "wrap" }}>
          <Button variant="contained" onClick={() => location.reload()}>
            {t("state.reload")}
          </Button>
          <Button href="/">{t("state.toStart")}</Button>
        </Stack>
      </Stack>
    </Page>
  );
}

/** Whether the file of a page could not be had, as browsers say it: after an update it has another name. */
function isOfFetching(error: Error): boolean {
  return /dynamically imported module|importing a module|module script/i.test(error.message);
}
