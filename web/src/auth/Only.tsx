import Button from "@mui/material/Button";
import { useTranslation } from "react-i18next";
import { Link, Outlet } from "react-router";

import { Page } from "../parts/Page";
import { type Role, useUser } from "./user";

/** What is below is for some roles only; the server holds to that too. */
export function Only({ roles, isOfInstallation = false }: { roles: readonly Role[]; isOfInstallation?: boolean }) {
  const { t } = useTranslation();
  const { role, organization_id: own } = useUser();
  return roles.includes(role) && !(isOfInstallation && own) ? <Outlet /> : (
    <Page title={t("state.forbidden")}>
      <Button component={Link} to="/" variant="outlined">
        {t("state.toStart")}
      </Button>
    </Page>
  );
}
