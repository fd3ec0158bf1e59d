import { useTranslation } from "react-i18next";

import { Problem } from "../api/problem";
import { Page } from "./Page";
import { ProblemNote } from "./states";

/** Instead of a page whose subject could not be read. */
export function ProblemPage({ error, retry }: { error: Error; retry: () => void }) {
  const { t } = useTranslation();
  return (
    <Page title={(error instanceof Problem && error.title) || t("state.unknown")}>
      <ProblemNote error={error} retry={retry} />
    </Page>
  );
}
