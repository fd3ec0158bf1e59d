import Autocomplete from "@mui/material/Autocomplete";
import TextField from "@mui/material/TextField";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../api/client";

const SHOWN = 20;

/** One person, found by name or number; their id, or null for nobody. */
export function PersonPicker({ id, onChange, label, help }: { id: string | null; onChange: (id: string | null) => void; label: string; help?: string }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed);
  const chosen = useQuery({
    queryKey: ["person", id],
    queryFn: () => data(api.GET("/api/v1/people/{person_id}", { params: { path: { person_id: id ?? "" } } })),
    enabled: id !== null,
  });
  const found = useQuery({
    queryKey: ["people", "picker", q],
    queryFn: () => data(api.GET("/api/v1/people", { params: { query: { limit: SHOWN, ...(q && { q }) } } })),
  });
  const value = id === null ? null : (chosen.data ?? null);
  return (
    <Autocomplete
      options={found.data?.items ?? []}
      value={value}
      loading={found.isPending}
      loadingText={t("state.loading")}
      noOptionsText={t("users.noPerson")}
      // The server searches.
      filterOptions={(options) => options}
      getOptionLabel={(person) => `${person.name} (${person.external_id})`}
      getOptionKey={(person) => person.id}
      isOptionEqualToValue={(one, other) => one.id === other.id}
      onChange={(_, person) => onChange(person?.id ?? null)}
      onInputChange={(_, text, reason) => {
        if (reason === "input") setTyped(text);
      }}
      renderInput={(params) => <TextField {...params} label={label} placeholder={t("users.findPerson")} helperText={help} />}
    />
  );
}
