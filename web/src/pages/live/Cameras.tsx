import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { allPages } from "../../api/pages";
import { useUser } from "../../auth/user";
import { Section } from "../../parts/Section";
import { useSession } from "../sessions/context";

/** What was last heard of a camera. */
export interface Seen {
  at: string;
  faces: number;
}

/** Registered cameras that may send to this session, and when each was last heard of. Their pictures are kept nowhere. */
export function Cameras({ seen }: { seen: ReadonlyMap<string, Seen> }) {
  const { t } = useTranslation();
  const { session, clock } = useSession();
  const { role } = useUser();
  const cameras = useQuery({
    queryKey: ["cameras", "all"],
    queryFn: () => allPages((cursor) => data(api.GET("/api/v1/cameras", { params: { query: { limit: 200, ...(cursor && { cursor }) } } }))),
    // Others are not told of cameras; they see those that send.
    enabled: role === "admin",
    staleTime: 60_000,
  });
  const fitting = (cameras.data ?? []).filter(
    (camera) => !camera.revoked_at && [null, undefined, session.id].includes(camera.session_id) && [null, undefined, session.course_id].includes(camera.course_id),
  );
  const names = new Map(fitting.map((camera) => [camera.id, camera.name]));
  const ids = [...new Set([...names.keys(), ...seen.keys()])];
  if (ids.length === 0) return null;
  return (
    <Section title={t("live.cameras")} about={t("live.camerasWhat")}>
      {ids.map((id) => {
        const last = seen.get(id);
        return (
          <Typography key={id} variant="body2" sx={{ py: 0.5 }}>
            <strong dir="auto">{names.get(id) ?? id.slice(-8)}</strong>
            {" · "}
            {last ? `${clock.exactTime(last.at)} · ${t("live.facesFound", { count: last.faces })}` : t("live.notHeard")}
          </Typography>
        );
      })}
    </Section>
  );
}
