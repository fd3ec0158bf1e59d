import Autocomplete from "@mui/material/Autocomplete";
import TextField from "@mui/material/TextField";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../api/client";
import type { components } from "../api/schema";

export type Somebody = Pick<components["schemas"]["Person"], "id" | "name" | "external_id">;

interface Props {
  label: string;
  value: Somebody | null;
  onChange: (person: Somebody | null) => void;
  help?: string;
  required?: boolean;
}

/** Finds one person by a part of name or number. */
export function PersonPicker({ label, value, onChange, help, required = false }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed === value?.name ? "" : typed);
  const people = useQuery({
    queryKey: ["people", "picker", q],
    queryFn: () => data(api.GET("/api/v1/people", { params: { query: { limit: 20, ...(q && { q }) } } })),
    placeholderData: keepPreviousData,
  });
  return (
    <Autocomplete<Somebody>
      value={value}
      onChange={(_, person) => onChange(person)}
      onInputChange={(_, text) => setTyped(text)}
      options={people.data?.items ?? []}
      // The server has searched, by numbers too.
      filterOptions={(all) => all}
      getOptionLabel={(person) => person.name}
      getOptionKey={(person) => person.id}
      isOptionEqualToValue={(one, other) => one.id === other.id}
      loading={people.isFetching}
      loadingText={t("state.loading")}
      noOptionsText={t("people.none")}
      renderOption={({ key, ...props }, person) => (
        <li key={key} {...props}>
          <span dir="auto">{person.name}</span>
          <span dir="auto" style={{ marginInlineStart: 8, opacity: 0.7 }}>
            {person.external_id}
          </span>
        </li>
      )}
      renderInput={(params) => <TextField {...params} label={label} required={required} placeholder={t("users.findPerson")} helperText={help} />}
    />
  );
}
