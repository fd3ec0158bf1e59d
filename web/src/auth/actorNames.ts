import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, data } from "../api/client";
import { allPages } from "../api/pages";
import type { components } from "../api/schema";
import { useUser } from "./user";

export type Actor = components["schemas"]["AuditActor"];

/** Who acted, in words; ids of users and cameras have their names, for those who may know them. */
export function useActorNames() {
  const { t } = useTranslation();
  const me = useUser();
  const enabled = me.role === "admin";
  const users = useQuery({
    queryKey: ["users", "names"],
    queryFn: () => allPages((cursor) => data(api.GET("/api/v1/users", { params: { query: { limit: 200, ...(cursor && { cursor }) } } }))),
    staleTime: 60_000,
    enabled,
  });
  const cameras = useQuery({
    queryKey: ["cameras", "names"],
    queryFn: () => allPages((cursor) => data(api.GET("/api/v1/cameras", { params: { query: { limit: 200, ...(cursor && { cursor }) } } }))),
    staleTime: 60_000,
    enabled,
  });
  const names = new Map([
    [me.id, me.email] as const,
    ...(users.data ?? []).map((user) => [user.id, user.email] as const),
    ...(cameras.data ?? []).map((camera) => [camera.id, camera.name] as const),
  ]);
  const isKnown = users.isSuccess && cameras.isSuccess;
  const unnamed = isKnown ? t("audit.deleted") : "…";
  const nameOf = (actor: Actor) => {
    const kind = t(`audit.${actor.kind}`);
    if (!("id" in actor)) return { kind, name: "" };
    return { kind, name: names.get(actor.id) ?? (enabled ? unnamed : "") };
  };
  return { nameOf, users: users.data ?? [] };
}
