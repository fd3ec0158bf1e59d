import type { components } from "../../api/schema";

export type Build = components["schemas"]["IndexBuild"];

/** Whether something is still to be heard of a build. */
export function isBusy(build: Pick<Build, "state">): boolean {
  return build.state === "waiting" || build.state === "running";
}

/** How far the stage of a build has come, in percent; null where it cannot be said. */
export function percentDone({ templates_done, templates_total }: Pick<Build, "templates_done" | "templates_total">): number | null {
  return templates_total > 0 ? Math.min(100, (100 * templates_done) / templates_total) : null;
}

export const STATE_COLORS = {
  waiting: "default",
  running: "primary",
  new: "success",
  unchanged: "success",
  emptied: "default",
  failed: "error",
  interrupted: "warning",
} as const;
