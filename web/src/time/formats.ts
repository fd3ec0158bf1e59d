import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useZone } from "../auth/organization";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** Dates and numbers as the language writes them; times are those of the site. */
export function formats(language: string, zone: string) {
  const moment = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language, { timeZone: zone, ...options });
    return (at: string | Date) => format.format(new Date(at));
  };
  const day = new Intl.DateTimeFormat(language, { timeZone: "UTC", dateStyle: "medium" });
  const shortDay = new Intl.DateTimeFormat(language, { timeZone: "UTC", day: "numeric", month: "numeric" });
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  return {
    dateTime: moment({ dateStyle: "medium", timeStyle: "short" }),
    /** Of a moment, when its time does not matter. */
    date: moment({ dateStyle: "medium" }),
    exact: moment({ dateStyle: "medium", timeStyle: "medium" }),
    time: moment({ timeStyle: "short" }),
    /** Of a day, such as 2026-09-01, which is no moment. */
    day: (text: string) => day.format(new Date(`${text}T00:00:00Z`)),
    shortDay: (text: string) => shortDay.format(new Date(`${text}T00:00:00Z`)),
    number: (value: number) => number.format(value),
    percent: (value: number | null | undefined) => (value == null ? "–" : percent.format(value)),
    bytes: (value: number) => {
      const power = value < 1 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), UNITS.length - 1);
      return new Intl.NumberFormat(language, {
        style: "unit",
        unit: UNITS[power] ?? "byte",
        maximumFractionDigits: 1,
      }).format(value / 1000 ** power);
    },
    /** How long something took. */
    duration: (milliseconds: number) =>
      new Intl.NumberFormat(language, {
        style: "unit",
        unit: milliseconds < 1000 ? "millisecond" : "second",
        maximumFractionDigits: milliseconds < 1000 ? 0 : 1,
      }).format(milliseconds < 1000 ? milliseconds : milliseconds / 1000),
  };
}

export type Formats = ReturnType<typeof formats>;

/** How the language is written where the browser is: English dates are not the same everywhere. */
export function localeOf(language: string, preferred: readonly string[]): string {
  return preferred.find((one) => one.toLowerCase().startsWith(`${language}-`)) ?? language;
}

export function useFormats(): Formats {
  const { i18n } = useTranslation();
  const zone = useZone();
  return useMemo(() => formats(localeOf(i18n.language, navigator.languages), zone), [i18n.language, zone]);
}
