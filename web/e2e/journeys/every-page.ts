import { expect } from "vitest";

import { ADDRESSES, filled } from "../harness/addresses";
import { film } from "../harness/camera";
import { journey } from "../harness/journey";
import type { Panel } from "../harness/panel";
import { STRANGER } from "../harness/pictures";
import { type FullSchool, fill } from "../steps/school";

const WIDTHS = [1280, 360] as const;

/** What one address shows by what is after its `?`. */
const PARTS = [
  "/people/:personId?tab=face",
  "/people/:personId?tab=attendance",
  "/people/:personId?tab=consent",
  "/people/:personId/enroll?by=camera",
  "/people/import?from=oneroster",
  "/people/import?from=photos",
  "/courses/:courseId?tab=timetable",
  "/courses/:courseId?tab=policy",
  "/courses/:courseId?tab=teachers",
  "/courses/:courseId?tab=attendance",
  "/sessions?view=list&past=1",
  "/sessions/:sessionId?person=:personId",
  "/results?view=course&course=:courseId",
  "/results?view=person&person=:personId",
] as const;

function addresses({ ids, closedSession, kiosk }: FullSchool): string[] {
  const here = new URL(kiosk);
  const modes = ["face", "code", "pin"].map((mode) => `${here.pathname}?mode=${mode}${here.hash}`);
  const patterns = [...ADDRESSES.map(({ pattern }) => pattern), ...PARTS];
  return [...patterns.map((pattern) => filled(pattern, ids)), `/sessions/${closedSession}?show=absent`, ...modes];
}

/** What is wrong with the page that is shown, at each width. */
async function faults(panel: Panel): Promise<string[]> {
  const found: string[] = [];
  for (const width of WIDTHS) {
    await panel.page.setViewportSize({ width, height: 800 });
    await panel.settled();
    for (const barrier of await panel.barriers()) found.push(`at ${width}: ${barrier}`);
    const over = await panel.overflow();
    if (over > 0) found.push(`at ${width}: ${over} pixels too wide`);
  }
  return found;
}

for (const [language, appearance, direction] of [
  ["en", "light", "ltr"],
  ["ar", "dark", "rtl"],
] as const) {
  journey(`every page can be used by everybody, in ${language} and ${appearance}`, async ({ school, open }) => {
    expect(ADDRESSES.length, "the routes were read").toBeGreaterThan(25);
    const full = await fill(school);
    const camera = await film([STRANGER]);
    const found: string[] = [];
    const visit = async (panel: Panel, paths: readonly string[]) => {
      for (const path of paths) {
        await panel.page.goto(path);
        await panel.page.getByRole("heading", { level: 1 }).or(panel.page.getByText(panel.word("state.notFound"))).first().waitFor();
        await panel.settled();
        const shown = await panel.page.evaluate(`[document.documentElement.dir, document.documentElement.lang,
          matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"].join()`);
        expect(shown).toBe([direction, language, appearance].join());
        found.push(...(await faults(panel)).map((fault) => `${path} ${fault}`));
      }
    };
    const door = await open({ language, appearance });
    await door.page.goto("/");
    await door.button("account.signIn").waitFor();
    found.push(...(await faults(door)).map((fault) => `the door ${fault}`));
    // Two browsers share the way.
    const paths = addresses(full);
    const half = Math.ceil(paths.length / 2);
    await Promise.all(
      [paths.slice(0, half), paths.slice(half)].map(async (some) => {
        const panel = await open({ language, appearance, camera });
        await panel.signIn(full.admin);
        await visit(panel, some);
      }),
    );
    expect(found).toEqual([]);
  });
}
