import { api, data } from "../../api/client";
import type { PeopleQuery } from "./filters";

/**
 * A page of people, and the ids of those who are enrolled. A person does not say whether they are, but the list can be asked
 * for such people only: as many of them as a page holds, from the same place on, are all of whom the page may have.
 */
export async function peoplePage(query: PeopleQuery) {
  const ask = (more: PeopleQuery) => data(api.GET("/api/v1/people", { params: { query: { ...query, ...more } } }));
  if (query.enrolled !== undefined) {
    const page = await ask({});
    return { ...page, enrolled: query.enrolled ? page.items.map((person) => person.id) : [] };
  }
  const [page, enrolled] = await Promise.all([ask({}), ask({ enrolled: true })]);
  return { ...page, enrolled: enrolled.items.map((person) => person.id) };
}
