import Autocomplete from "@mui/material/Autocomplete";
import TextField from "@mui/material/TextField";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { zones } from "../time/zone";

interface Props {
  value: string;
  onChange: (zone: string) => void;
  /** The zone that holds where the field is left empty; without one it cannot be. */
  otherwise?: string;
}

/** A time zone by its IANA name; typing a part of it finds it. */
export function ZoneField({ value, onChange, otherwise }: Props) {
  const { t } = useTranslation();
  const known = useMemo(() => [...new Set([value, ...zones()])].filter(Boolean), [value]);
  const words = otherwise
    ? { label: t("courses.zone"), helperText: t("courses.zoneHint", { zone: otherwise }) }
    : { label: t("organizations.timeZone"), required: true };
  return (
    <Autocomplete
      options={known}
      value={value || null}
      disableClearable={!otherwise}
      onChange={(_, zone) => onChange(zone ?? "")}
      renderInput={(params) => <TextField {...params} {...words} />}
    />
  );
}
