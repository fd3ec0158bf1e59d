import { useTranslation } from "react-i18next";

import { Empty } from "./states";

export function NotFound() {
  const { t } = useTranslation();
  return <Empty title={t("state.notFound")} />;
}
