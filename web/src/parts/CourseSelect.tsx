import Autocomplete from "@mui/material/Autocomplete";
import TextField from "@mui/material/TextField";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../api/client";
import { courseLabel, useCourse } from "../courses/queries";

interface Props {
  label: string;
  /** Id of the course that is chosen. */
  value: string | null;
  onChange: (id: string | null) => void;
  /** What is said where none is chosen. */
  placeholder?: string;
  autoFocus?: boolean;
}

/** Chooses a course by a part of its code or title. */
export function CourseSelect({ label, value, onChange, placeholder, autoFocus = false }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed.trim());
  const chosen = useCourse(value);
  const courses = useQuery({
    queryKey: ["courses", "select", q],
    queryFn: () => data(api.GET("/api/v1/courses", { params: { query: { ...(q && { q }), limit: 50 } } })),
    placeholderData: keepPreviousData,
  });
  return (
    <Autocomplete
      options={courses.data?.items ?? []}
      value={value ? (chosen.data ?? null) : null}
      onChange={(_, course) => onChange(course?.id ?? null)}
      onInputChange={(_, text, reason) => setTyped(reason === "input" ? text : "")}
      getOptionLabel={courseLabel}
      getOptionKey={(course) => course.id}
      isOptionEqualToValue={(one, other) => one.id === other.id}
      // The server has found them: nothing is left to be searched here.
      filterOptions={(options) => options}
      loading={courses.isFetching}
      sx={{ flexGrow: 1, maxWidth: 560, "& input::placeholder": { opacity: 1 } }}
      noOptionsText={courses.error ? courses.error.message : t("people.noCourse")}
      loadingText={t("state.loading")}
      renderInput={(params) => <TextField {...params} label={label} autoFocus={autoFocus} {...(placeholder && { placeholder, slotProps: { ...params.slotProps, inputLabel: { ...params.slotProps?.inputLabel, shrink: true } } })} />}
    />
  );
}
