import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useZone } from "../auth/organization";
import { dayIn } from "./zone";

const WEEKDAY = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** Dates and numbers as the language writes them; times are those of the zone. */
export function formats(language: string, zone: string) {
  const moment = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language, { timeZone: zone, ...options });
    return (at: string | Date) => format.format(new Date(at));
  };
  // A day is no moment, so no zone may move it.
  const ofDay = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options });
    return (text: string) => format.format(new Date(`${text}T00:00:00Z`));
  };
  // As other times of the language are written: 08:15, but 8:15 AM.
  const hour = new Intl.DateTimeFormat(language, { timeStyle: "short" }).resolvedOptions().hour12 ? "numeric" : "2-digit";
  const span = new Intl.DateTimeFormat(language, { timeZone: zone, ...WEEKDAY, hour, minute: "2-digit" });
  const times = new Intl.DateTimeFormat(language, { timeZone: zone, hour, minute: "2-digit" });
  const days = new Intl.DateTimeFormat(language, { timeZone: "UTC", dateStyle: "medium" });
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  return {
    zone,
    language,
    today: () => dayIn(zone, new Date()),
    dateTime: moment({ dateStyle: "medium", timeStyle: "short" }),
    /** Of a moment, when its time does not matter. */
    date: moment({ dateStyle: "medium" }),
    exact: moment({ dateStyle: "medium", timeStyle: "medium" }),
    time: moment({ timeStyle: "short" }),
    /** The time of a moment, to the second. */
    exactTime: moment({ timeStyle: "medium" }),
    /** Of a moment, with the day of the week. */
    weekdayDate: moment(WEEKDAY),
    /** From when to when, with the day of the week. */
    span: (from: string, to: string | null | undefined) => (to ? span.formatRange(new Date(from), new Date(to)) : span.format(new Date(from))),
    /** From when to when; with days only where these are not the same. */
    times: (from: string, to: string) => times.formatRange(new Date(from), new Date(to)),
    /** From one day to another. */
    days: (first: string, last: string) => days.formatRange(new Date(`${first}T00:00:00Z`), new Date(`${last}T00:00:00Z`)),
    /** Of a day, such as 2026-09-01. */
    day: ofDay({ dateStyle: "medium" }),
    fullDay: ofDay({ dateStyle: "full" }),
    shortDay: ofDay({ day: "numeric", month: "numeric" }),
    /** Of a day, with that of the week. */
    weekday: ofDay(WEEKDAY),
    /** The same where the year is told elsewhere. */
    shortWeekday: ofDay({ weekday: "short", day: "numeric", month: "short" }),
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

/** By the clocks of the site, or of `own`: a course may have a zone of its own. */
export function useFormats(own?: string | null): Formats {
  const { i18n } = useTranslation();
  const site = useZone();
  const zone = own ?? site;
  return useMemo(() => formats(localeOf(i18n.language, navigator.languages), zone), [i18n.language, zone]);
}
