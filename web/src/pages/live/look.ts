// How outcomes look over a picture: bright on anything, whatever the theme; and always with their word.

import type { Outcome } from "../../live/frames";

export const COLOURS: Record<Outcome, string> = {
  present: "#4ade80",
  already: "#4ade80",
  likely: "#facc15",
  outside_hours: "#c4b5fd",
  not_on_roster: "#7dd3fc",
  unknown: "#ffffff",
  spoof_suspected: "#fb7185",
  too_poor: "#d1d5db",
};

/** Drawn with dashes: nothing was decided about them. */
export const UNSURE: readonly Outcome[] = ["likely", "too_poor", "unknown"];
