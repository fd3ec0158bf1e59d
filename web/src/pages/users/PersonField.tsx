import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { PersonPicker } from "../../parts/PersonPicker";

/** Whose attendance a user sees as their own: the id of a person, or null for nobody. */
export function PersonField({ id, onChange }: { id: string | null; onChange: (id: string | null) => void }) {
  const { t } = useTranslation();
  const chosen = useQuery({
    queryKey: ["person", id],
    queryFn: () => data(api.GET("/api/v1/people/{person_id}", { params: { path: { person_id: id ?? "" } } })),
    enabled: id !== null,
  });
  return (
    <PersonPicker
      label={t("users.person")}
      help={t("users.personHelp")}
      value={id === null ? null : (chosen.data ?? null)}
      onChange={(person) => onChange(person?.id ?? null)}
    />
  );
}
