import { queryOptions, useQuery } from "@tanstack/react-query";

import { api, data } from "../../api/client";
import { Problem } from "../../api/problem";

export const ME = ["own"] as const;

export const ownPerson = queryOptions({
  queryKey: [...ME, "person"],
  queryFn: () => data(api.GET("/api/v1/users/me/person")),
});

export const ownStatistics = queryOptions({
  queryKey: [...ME, "statistics"],
  queryFn: () => data(api.GET("/api/v1/users/me/statistics")),
});

/** Names of the courses that were held; members see no others. */
export function useOwnCourses(): (id: string) => string | null {
  const statistics = useQuery(ownStatistics);
  return (id) => {
    const course = statistics.data?.courses.find((one) => one.course_id === id);
    return course ? `${[course.code, course.section].filter(Boolean).join(" ")} · ${course.title}` : null;
  };
}

export function isNobody(error: Error | null): boolean {
  return error instanceof Problem && error.code === "no_person";
}
