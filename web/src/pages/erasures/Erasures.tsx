import Box from "@mui/material/Box";
import Tab from "@mui/material/Tab";
import { useTranslation } from "react-i18next";

import { Page } from "../../parts/Page";
import { PageTabs } from "../../parts/PageTabs";
import { useAsked } from "../../parts/asked";
import { ReceiptDialog } from "./ReceiptDialog";
import { Receipts } from "./Receipts";
import { Requests } from "./Requests";

/** Who asks to be erased, and the receipts of those who were. */
export function Erasures() {
  const { t } = useTranslation();
  const [asked, ask] = useAsked();
  const tab = asked.get("tab") === "receipts" ? "receipts" : "requests";
  const receipt = asked.get("receipt");
  return (
    <Page title={t("erasure.page")}>
      <PageTabs
        value={tab}
        onChange={(_, next: string) => ask({ tab: next === "receipts" ? "receipts" : "", receipt: "" })}
        aria-label={t("erasure.page")}
      >
        <Tab value="requests" label={t("erasure.requests")} id="tab-requests" aria-controls="tab-panel" />
        <Tab value="receipts" label={t("erasure.receipts")} id="tab-receipts" aria-controls="tab-panel" />
      </PageTabs>
      <Box role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`}>
        {tab === "receipts" ? <Receipts onShow={(id) => ask({ receipt: id })} /> : <Requests asked={asked} ask={ask} />}
      </Box>
      {receipt && <ReceiptDialog id={receipt} onClose={() => ask({ receipt: "" })} />}
    </Page>
  );
}
