import { useTranslation } from "react-i18next";
import { Outlet } from "react-router";

import { Empty } from "../parts/states";
import { type Role, useUser } from "./user";

/** What is below is for some roles only; the server holds to that too. */
export function Only({ roles, isOfInstallation = false }: { roles: readonly Role[]; isOfInstallation?: boolean }) {
  const { t } = useTranslation();
  const { role, organization_id: own } = useUser();
  return roles.includes(role) && !(isOfInstallation && own) ? <Outlet /> : <Empty title={t("state.forbidden")} />;
}
