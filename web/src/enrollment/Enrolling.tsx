import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Tab from "@mui/material/Tab";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { useUser } from "../auth/user";
import { useAsked } from "../parts/asked";
import { Loading, ProblemNote } from "../parts/states";
import { EnrollmentCard } from "./EnrollmentCard";
import { useEnrollment } from "./follow";
import { GuidedCapture } from "./GuidedCapture";
import type { Enrollment, EnrollmentSource } from "./source";
import { Upload } from "./Upload";
import { useJudged } from "./useJudged";
import { PageTabs } from "../parts/PageTabs";

/** Takes a face with photos or before a camera, and follows what becomes of it: of somebody else, or one's own. */
export function Enrolling({ source }: { source: EnrollmentSource }) {
  const { t } = useTranslation();
  const [asked, ask] = useAsked();
  const by = asked.get("by") === "camera" ? "camera" : "upload";
  const followed = asked.get("enrollment");
  const [previews, setPreviews] = useState<readonly string[]>([]);
  const sent = (enrollment: Enrollment, pictures: readonly string[]) => {
    setPreviews(pictures);
    ask({ enrollment: enrollment.id });
  };
  useEffect(() => () => previews.forEach((address) => URL.revokeObjectURL(address)), [previews]);
  const completed = useCallback((id: string) => ask({ enrollment: id }), [ask]);
  if (followed) return <Followed id={followed} source={source} previews={previews} onMore={() => ask({ enrollment: "" })} />;
  return (
    <>
      <PageTabs
        value={by}
        onChange={(_, next: string) => ask({ by: next === "camera" ? "camera" : "" })}
        aria-label={t("enrollment.how")}
      >
        <Tab value="upload" label={t("enrollment.byUpload")} />
        <Tab value="camera" label={t("enrollment.byCamera")} />
      </PageTabs>
      {by === "camera" ? (
        <GuidedCapture source={source} onCompleted={completed} />
      ) : (
        <Paper sx={{ p: { xs: 2, sm: 3 } }}>
          <Upload source={source} onSent={sent} />
        </Paper>
      )}
    </>
  );
}

interface FollowedProps {
  id: string;
  source: EnrollmentSource;
  previews: readonly string[];
  onMore: () => void;
}

function Followed({ id, source, previews, onMore }: FollowedProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const enrollment = useEnrollment(source, id);
  const state = enrollment.data?.state;
  // Members hear nothing of what happens; they see it as soon as it is asked for again.
  const mayHear = useUser().role !== "member";
  const judged = useJudged(id, mayHear && state === "pending");
  const personId = enrollment.data?.person_id;
  useEffect(() => {
    if (!state || state === "pending") return;
    void client.invalidateQueries({ queryKey: ["person", personId] });
    void client.invalidateQueries({ queryKey: ["own"] });
  }, [client, personId, state]);
  return (
    <Stack spacing={2}>
      {enrollment.error && <ProblemNote error={enrollment.error} retry={() => void enrollment.refetch()} />}
      {enrollment.isPending && <Loading />}
      {enrollment.data && (
        <Paper sx={{ p: { xs: 2, sm: 3 } }}>
          <EnrollmentCard enrollment={enrollment.data} previews={previews} judged={judged} />
        </Paper>
      )}
      {state && state !== "pending" && (
        <Button variant={state === "failed" ? "contained" : "outlined"} onClick={onMore} sx={{ alignSelf: "flex-start" }}>
          {state === "failed" ? t("enrollment.again") : t("enrollment.more")}
        </Button>
      )}
    </Stack>
  );
}
