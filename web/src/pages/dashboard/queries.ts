import { useQuery } from "@tanstack/react-query";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { addDays } from "../../time/days";
import { dayIn, startOfDay } from "../../time/zone";

export type Session = components["schemas"]["Session"];
export type Course = components["schemas"]["Course"];

/** What changes while one looks is asked for anew this often, in milliseconds. */
const SOON = 15_000;
const MOST = 200;

/** Sessions of today and, whenever they began, those that are going on. */
export function useSessionsNow(zone: string) {
  return useQuery({
    queryKey: ["sessions", "now", zone],
    queryFn: async () => {
      const today = dayIn(zone, new Date());
      const from = startOfDay(today, zone).toISOString();
      const to = startOfDay(addDays(today, 1), zone).toISOString();
      const [active, ofToday] = await Promise.all([
        data(api.GET("/api/v1/sessions", { params: { query: { state: "active", limit: MOST } } })),
        data(api.GET("/api/v1/sessions", { params: { query: { from, to, limit: MOST } } })),
      ]);
      return inOrder([...active.items, ...ofToday.items]);
    },
    refetchInterval: SOON,
  });
}

/** Each once: those that are going on, then what is to come, then what is over. */
export function inOrder<T extends Pick<Session, "id" | "state" | "starts_at">>(sessions: readonly T[]): T[] {
  const each = [...new Map(sessions.map((one) => [one.id, one])).values()];
  const rank = { active: 0, scheduled: 1, closed: 2 } as const;
  return each.sort((one, other) => rank[one.state] - rank[other.state] || one.starts_at.localeCompare(other.starts_at));
}

export function usePresent() {
  return useQuery({
    queryKey: ["attendance", "present", "now"],
    queryFn: () => data(api.GET("/api/v1/attendance/present", { params: { query: { now: true, limit: MOST } } })),
    refetchInterval: SOON,
  });
}

export function useCameToday() {
  return useQuery({
    queryKey: ["attendance", "present", "today"],
    queryFn: () => data(api.GET("/api/v1/attendance/present", { params: { query: { limit: MOST } } })),
    refetchInterval: 4 * SOON,
  });
}

export function useDays(days: number, zone: string) {
  return useQuery({
    queryKey: ["statistics", "days", days, zone],
    queryFn: async () => {
      const to = dayIn(zone, new Date());
      const from = addDays(to, 1 - days);
      const page = await data(api.GET("/api/v1/statistics/days", { params: { query: { from, to } } }));
      return page.items;
    },
  });
}

/** Active people without a face that is known: nobody recognises them. */
export function usePeopleWithoutFace() {
  return useQuery({
    queryKey: ["people", "without-face"],
    queryFn: () =>
      data(api.GET("/api/v1/people", { params: { query: { enrolled: false, is_active: true, limit: MOST } } })),
  });
}

/** Enrollments that wait for a worker, or for somebody to say whether two people are one. */
export function useWaitingEnrollments() {
  return useQuery({
    queryKey: ["enrollments", "waiting"],
    queryFn: async () => {
      const inState = (state: "pending" | "duplicate_suspected") =>
        data(api.GET("/api/v1/enrollments", { params: { query: { state, limit: MOST } } }));
      const [pending, suspected] = await Promise.all([inState("pending"), inState("duplicate_suspected")]);
      return { pending, suspected };
    },
    refetchInterval: SOON,
  });
}

export function useErasureRequests(enabled: boolean) {
  return useQuery({
    queryKey: ["erasure-requests", "pending", "count"],
    queryFn: () => data(api.GET("/api/v1/erasure-requests", { params: { query: { state: "pending", limit: MOST } } })),
    enabled,
  });
}

export function useCameras(enabled: boolean) {
  return useQuery({
    queryKey: ["cameras", "count"],
    queryFn: () => data(api.GET("/api/v1/cameras", { params: { query: { limit: MOST } } })),
    enabled,
    refetchInterval: 2 * SOON,
  });
}

export function useIndexes(enabled = true, refetchInterval: number | false = SOON) {
  return useQuery({ queryKey: ["index"], queryFn: () => data(api.GET("/api/v1/index")), enabled, refetchInterval });
}
