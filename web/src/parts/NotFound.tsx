import Button from "@mui/material/Button";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Empty } from "./states";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty title={t("state.notFound")}>
      <Button component={Link} to="/">
        {t("state.toStart")}
      </Button>
    </Empty>
  );
}
