// Days are those of the site: what its clocks show, whatever those of the browser do.

/** The day (2026-09-01) that the clocks of a zone show at a moment. */
export function dayIn(zone: string, moment: Date): string {
  const parts = new Intl.DateTimeFormat("en-CA-u-ca-gregory-nu-latn", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(moment);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** What the clocks of a zone show at a moment, as 08:15. */
export function clockIn(zone: string, moment: Date): string {
  return new Intl.DateTimeFormat("en-GB-u-nu-latn", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(moment);
}

/** By how much the clocks of a zone are ahead of UTC at a moment, in milliseconds. */
function offset(zone: string, moment: number): number {
  const parts = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(moment);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const shown = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return shown - Math.floor(moment / 1000) * 1000;
}

/** The moment at which the clocks of a zone show `time` (08:15) of a day; where they leave it out, the one at which they go on. */
export function momentOf(day: string, time: string, zone: string): Date {
  const wanted = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}Z`);
  const before = wanted - offset(zone, wanted - 86_400_000);
  const after = wanted - offset(zone, wanted + 86_400_000);
  // On most days both are the same. On the others the earlier one counts if the clocks really show it then.
  const fits = [before, after].filter((moment) => moment + offset(zone, moment) === wanted);
  return new Date(fits.length > 0 ? Math.min(...fits) : turn(zone, wanted));
}

/** When the clocks go over a time that they leave out. */
function turn(zone: string, wanted: number): number {
  let [low, high] = [wanted - 86_400_000, wanted + 86_400_000];
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (middle + offset(zone, middle) < wanted) low = middle;
    else high = middle;
  }
  return high;
}

/** When a day begins. */
export function startOfDay(day: string, zone: string): Date {
  return momentOf(day, "00:00:00", zone);
}

/** Whether there is such a zone. Browsers know more names than they list: those that a place had before. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** All zones that the browser knows; "UTC" among them, which some leave out. */
export function zones(): string[] {
  return [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone")])];
}
