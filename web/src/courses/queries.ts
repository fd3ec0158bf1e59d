import { queryOptions, useQuery } from "@tanstack/react-query";

import { api, data } from "../api/client";
import { allPages } from "../api/pages";
import type { components } from "../api/schema";

export type Course = components["schemas"]["Course"];
export type CoursePolicy = components["schemas"]["CoursePolicy"];
export type Series = components["schemas"]["Series"];

export function courseQuery(courseId: string) {
  return queryOptions({
    queryKey: ["courses", courseId],
    queryFn: () => data(api.GET("/api/v1/courses/{course_id}", { params: { path: { course_id: courseId } } })),
  });
}

export function useCourse(courseId: string | null | undefined) {
  return useQuery({ ...courseQuery(courseId ?? ""), enabled: Boolean(courseId) });
}

/** All courses by their id, for lists that name them. */
export function useCourses() {
  return useQuery({
    queryKey: ["courses", "all"],
    queryFn: async () => {
      const all = await allPages((cursor) => data(api.GET("/api/v1/courses", { params: { query: { limit: 200, ...(cursor && { cursor }) } } })));
      return new Map(all.map((course) => [course.id, course]));
    },
    staleTime: 60_000,
  });
}

/** `MATH 1 A` */
export function courseCode(course: Pick<Course, "code" | "section"> | undefined): string {
  return course ? [course.code, course.section].filter(Boolean).join(" ") : "…";
}

/** `MATH 1 A · Algebra` */
export function courseLabel(course: Pick<Course, "code" | "section" | "title">): string {
  return `${courseCode(course)} · ${course.title}`;
}

/** Says what a course is called by its id. */
export function useCourseNames(): (id: string) => string {
  const courses = useCourses();
  return (id) => {
    const course = courses.data?.get(id);
    return course ? courseLabel(course) : "…";
  };
}
