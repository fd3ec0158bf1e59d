import { useTranslation } from "react-i18next";

import { useSite } from "./site";
import { dayOf } from "./zones";

export interface Clock {
  zone: string;
  language: string;
  /** `08:15` */
  time: (instant: string) => string;
  /** `08:15:07` */
  second: (instant: string) => string;
  /** `Sat, 21 Nov 2026` */
  day: (instant: string) => string;
  dateTime: (instant: string) => string;
  /** From when to when, with the day. */
  range: (from: string, to: string | null | undefined) => string;
  today: () => string;
}

/** Dates and times by the clocks of a zone: a course's own, or else the site's. */
export function useClock(own?: string | null): Clock {
  const { i18n } = useTranslation();
  const site = useSite();
  const zone = own ?? site.zone;
  const language = i18n.language;
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, { ...options, timeZone: zone });
  const full: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" };
  return {
    zone,
    language,
    time: (instant) => format({ hour: "2-digit", minute: "2-digit" }).format(new Date(instant)),
    second: (instant) => format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(instant)),
    day: (instant) => format({ weekday: "short", day: "numeric", month: "short", year: "numeric" }).format(new Date(instant)),
    dateTime: (instant) => format({ dateStyle: "medium", timeStyle: "short" }).format(new Date(instant)),
    range: (from, to) => {
      if (!to) return format(full).format(new Date(from));
      return format(full).formatRange(new Date(from), new Date(to));
    },
    today: () => dayOf(new Date(), zone),
  };
}
