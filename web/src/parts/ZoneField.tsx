import Autocomplete from "@mui/material/Autocomplete";
import TextField from "@mui/material/TextField";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { zones } from "../time/zone";

/** A time zone by its IANA name; typing a part of it finds it. */
export function ZoneField({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  const { t } = useTranslation();
  const known = useMemo(() => [...new Set([value, ...zones()])].filter(Boolean), [value]);
  return (
    <Autocomplete
      options={known}
      value={value}
      disableClearable
      onChange={(_, zone) => onChange(zone)}
      renderInput={(params) => <TextField {...params} label={t("organizations.timeZone")} required />}
    />
  );
}
