// A journey: somebody does something in the panel. One file each in ../journeys.

import { expect, test } from "vitest";

import { Panel, type Wanted } from "./panel";
import { School } from "./system";

/** What a journey is given: an organization of its own, and as many browsers as it opens. */
export interface Travel {
  school: School;
  open: (wanted?: Wanted) => Promise<Panel>;
}

/** A test that also fails where a browser complained of something that nobody expected. */
export function journey(name: string, steps: (travel: Travel) => Promise<void>): void {
  test(name, async () => {
    const opened: Panel[] = [];
    const open = async (wanted?: Wanted) => {
      const panel = await Panel.open(wanted);
      opened.push(panel);
      return panel;
    };
    try {
      await steps({ school: await School.create(), open });
      for (const panel of opened) expect(panel.complaints).toEqual([]);
    } catch (error) {
      for (const [at, panel] of opened.entries()) {
        const picture = `${process.env.ROLLCALL_PICTURES ?? "/tmp"}/${name.replace(/\W+/g, "-")}-${at}.png`;
        await panel.page.screenshot({ path: picture }).catch(() => undefined);
        console.error(`${name}: ${panel.page.url()}, see ${picture}`, panel.complaints);
      }
      throw error;
    } finally {
      for (const panel of opened) await panel.close();
    }
  });
}
