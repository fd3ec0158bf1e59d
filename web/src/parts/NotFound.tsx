import Button from "@mui/material/Button";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Page } from "./Page";


export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page title={t("state.notFound")}>
      <Button component={Link} to="/" variant="outlined">
        {t("state.toStart")}
      </Button>
    </Page>
  );
}
