import Autocomplete from "@mui/material/Autocomplete";
import TextField from "@mui/material/TextField";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../api/client";
import type { components } from "../api/schema";

type Course = components["schemas"]["Course"];

const SHOWN = 20;

/** One course, found by its code or title; null for all. */
export function CoursePicker({ value, onChange, label, placeholder }: { value: Course | null; onChange: (course: Course | null) => void; label: string; placeholder?: string }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed);
  const found = useQuery({
    queryKey: ["courses", "picker", q],
    queryFn: () => data(api.GET("/api/v1/courses", { params: { query: { is_active: true, limit: SHOWN, ...(q && { q }) } } })),
  });
  return (
    <Autocomplete
      options={found.data?.items ?? []}
      value={value}
      loading={found.isPending}
      loadingText={t("state.loading")}
      noOptionsText={t("users.noPerson")}
      filterOptions={(options) => options}
      getOptionLabel={(course) => `${[course.code, course.section].filter(Boolean).join(" ")} · ${course.title}`}
      getOptionKey={(course) => course.id}
      isOptionEqualToValue={(one, other) => one.id === other.id}
      onChange={(_, course) => onChange(course)}
      onInputChange={(_, text, reason) => {
        if (reason === "input") setTyped(text);
      }}
      renderInput={(params) => <TextField {...params} label={label} {...(placeholder && { placeholder })} />}
    />
  );
}
