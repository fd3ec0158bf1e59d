import Link from "@mui/material/Link";
import { useTranslation } from "react-i18next";
import { Link as To } from "react-router";

import { Facts } from "../../parts/Facts";
import { Section } from "../../parts/Section";
import { ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { counted } from "./counted";
import { useCameras, useIndexes } from "./queries";

/** Whether the machinery is well: for administrators. */
export function SystemNow() {
  const { t } = useTranslation();
  const { number, dateTime } = useFormats();
  const cameras = useCameras(true);
  const indexes = useIndexes();
  const inUse = cameras.data && { ...cameras.data, items: cameras.data.items.filter((camera) => !camera.revoked_at) };
  const index = indexes.data?.indexes[0];
  const newest = index?.versions[0];
  const behind = index?.replicas?.map((replica) => replica.lag) ?? [];
  const building = index?.running?.stage;
  return (
    <Section
      title={t("dashboard.system")}
      actions={
        <Link component={To} to="/index">
          {t("dashboard.indexDetails")}
        </Link>
      }
    >
      {indexes.error && <ProblemNote error={indexes.error} retry={() => void indexes.refetch()} />}
      <Facts
        facts={[
          [
            t("dashboard.cameras"),
            <Link key="cameras" component={To} to="/cameras">
              {counted(inUse, number)}
            </Link>,
          ],
          [t("dashboard.snapshot"), newest ? dateTime(newest.created_at) : t("dashboard.noSnapshot")],
          [t("dashboard.lag"), newest ? t("dashboard.changes", { count: newest.lag, number: number(newest.lag) }) : "–"],
          [t("dashboard.workers"), index?.replicas ? number(index.replicas.length) : index ? t("dashboard.notKnown") : "–"],
          [t("dashboard.workerLag"), behind.length > 0 ? number(Math.max(...behind)) : "–"],
          [t("dashboard.building"), building ? t(`index.stages.${building}`) : t("dashboard.notBuilding")],
        ]}
      />
    </Section>
  );
}
