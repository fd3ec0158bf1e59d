// What the pages about one person ask the API.

import { useQuery } from "@tanstack/react-query";

import { api, data } from "../../api/client";
import { allPages } from "../../api/pages";

export function usePerson(id: string) {
  return useQuery({
    queryKey: ["person", id],
    queryFn: () => data(api.GET("/api/v1/people/{person_id}", { params: { path: { person_id: id } } })),
    enabled: id !== "",
  });
}

/** What is kept of the person's face; who has no template is not enrolled. */
export function useTemplates(id: string) {
  return useQuery({
    queryKey: ["person", id, "templates"],
    queryFn: () => data(api.GET("/api/v1/people/{person_id}/templates", { params: { path: { person_id: id } } })),
  });
}

/** Whether the person has a PIN. */
export function usePin(id: string) {
  return useQuery({
    queryKey: ["person", id, "pin"],
    queryFn: () => data(api.GET("/api/v1/people/{person_id}/pin", { params: { path: { person_id: id } } })),
  });
}

/** The courses whose roster the person is on. */
export function useCoursesOf(id: string) {
  return useQuery({
    queryKey: ["person", id, "courses"],
    queryFn: () =>
      allPages((cursor) =>
        data(api.GET("/api/v1/people/{person_id}/courses", { params: { path: { person_id: id }, query: { limit: 200, ...(cursor && { cursor }) } } })),
      ),
  });
}
