import Link from "@mui/material/Link";
import { useTranslation } from "react-i18next";
import { Link as To } from "react-router";

import { Facts } from "../../parts/Facts";
import { Section } from "../../parts/Section";
import { ProblemNote } from "../../parts/states";
import { useUser } from "../../auth/user";
import { useFormats } from "../../time/formats";
import { countUp } from "../cameras/seen";
import { useQueues } from "../jobs/queries";
import { failed, troubles, waiting } from "../jobs/standing";
import { useCameras, useIndexes } from "./queries";

/** Whether the machinery is well: for administrators. */
export function SystemNow() {
  const { t } = useTranslation();
  const { number, dateTime } = useFormats();
  const cameras = useCameras(true);
  const indexes = useIndexes();
  const { up, all } = countUp(cameras.data?.items ?? [], Date.now());
  // Queues are of all organizations: whoever belongs to one may not ask.
  const ofInstallation = !useUser().organization_id;
  const queues = useQueues(ofInstallation);
  const jobs = queues.data?.items;
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
      {cameras.error && <ProblemNote error={cameras.error} retry={() => void cameras.refetch()} />}
      {queues.error && <ProblemNote error={queues.error} retry={() => void queues.refetch()} />}
      {indexes.error && <ProblemNote error={indexes.error} retry={() => void indexes.refetch()} />}
      <Facts
        facts={[
          [
            t("dashboard.cameras"),
            <Link key="cameras" component={To} to="/cameras">
              {cameras.data ? t("dashboard.camerasUp", { up: number(up), all: number(all) }) : "–"}
            </Link>,
          ],
          [
            t("dashboard.queued"),
            jobs && (
              <Link key="queued" component={To} to="/jobs">
                {troubles(jobs).includes("noWorkers") ? t("dashboard.noWorkers", { number: number(waiting(jobs)) }) : number(waiting(jobs))}
              </Link>
            ),
          ],
          [
            t("dashboard.failedJobs"),
            jobs && (
              <Link key="failed" component={To} to="/jobs">
                {number(failed(jobs))}
              </Link>
            ),
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
