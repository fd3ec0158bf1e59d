// Days and clocks of the organization's site, whatever the zone of the browser.

/** The day that the site's clocks show at that instant, as `2026-11-21`. */
export function dayOf(instant: Date, zone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(instant);
}

/** The instant at which the site's clocks show that day and time (`08:15`); of two such instants the first. */
export function instantOf(day: string, time: string, zone: string): Date {
  const wanted = Date.parse(`${day}T${time}Z`);
  // The offset before and after a change of the clocks differ: that of half a day before is right or comes close.
  const guess = wanted - offset(new Date(wanted - 43_200_000), zone);
  const exact = wanted - offset(new Date(guess), zone);
  return new Date(shows(guess, wanted, zone) ? guess : exact);
}

function shows(instant: number, wanted: number, zone: string): boolean {
  return instant + offset(new Date(instant), zone) === wanted;
}

/** By how many milliseconds the zone's clocks are ahead of UTC. */
function offset(instant: Date, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? "00";
  const clock = `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}:${part("second")}Z`;
  return Date.parse(clock) - Math.floor(instant.getTime() / 1000) * 1000;
}
