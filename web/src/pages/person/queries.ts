// What the pages about one person ask the API.

import { useQuery } from "@tanstack/react-query";

import { api, data } from "../../api/client";

export function usePerson(id: string) {
  return useQuery({
    queryKey: ["person", id],
    queryFn: () => data(api.GET("/api/v1/people/{person_id}", { params: { path: { person_id: id } } })),
    enabled: id !== "",
  });
}

/** Whether there are templates of the person's face. A person does not say so; the list of people can be asked. */
export function useIsEnrolled(person: { id: string; external_id: string } | undefined) {
  return useQuery({
    queryKey: ["person", person?.id, "enrolled"],
    queryFn: async () => {
      const query = { q: person?.external_id.slice(0, 100) ?? "", enrolled: true, limit: 200 };
      const found = await data(api.GET("/api/v1/people", { params: { query } }));
      return found.items.some((one) => one.id === person?.id);
    },
    enabled: person !== undefined,
  });
}
