import Tab from "@mui/material/Tab";
import { useTranslation } from "react-i18next";

import { useUser } from "../../auth/user";
import { useAsked } from "../../parts/asked";
import { Page } from "../../parts/Page";
import { PageTabs } from "../../parts/PageTabs";
import { OneRoster } from "./OneRoster";
import { PhotoArchive } from "./PhotoArchive";
import { TableImport } from "./TableImport";

const WAYS = { table: TableImport, oneroster: OneRoster, photos: PhotoArchive } as const;
type Way = keyof typeof WAYS;

/** Many people at once, out of files. */
export function Import() {
  const { t } = useTranslation();
  const { role } = useUser();
  const [asked, ask] = useAsked();
  // Teachers enroll with photos; who is registered is up to administrators.
  const ways: readonly Way[] = role === "admin" ? ["table", "oneroster", "photos"] : ["photos"];
  const way = ways.find((one) => one === asked.get("from")) ?? ways[0] ?? "photos";
  const Shown = WAYS[way];
  return (
    <Page title={t("import.title")}>
      <PageTabs
        value={way}
        onChange={(_, next: Way) => ask({ from: next === ways[0] ? "" : next })}
        aria-label={t("import.from")}
      >
        {ways.map((one) => (
          <Tab key={one} value={one} label={t(`import.tabs.${one}`)} />
        ))}
      </PageTabs>
      <Shown />
    </Page>
  );
}
