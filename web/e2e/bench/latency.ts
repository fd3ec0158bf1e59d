// From taking a picture on the live page to its boxes being on the screen, measured by the page itself (src/live/timing.ts).

import { test } from "vitest";

import { ANSWERED, DRAWN } from "../../src/live/timing";
import { CAST } from "../drawn/cast";
import { develop } from "../drawn/develop";
import { classroom, portrait } from "../drawn/picture";
import { film } from "../harness/camera";
import { Panel } from "../harness/panel";
import { School, until } from "../harness/system";

const FRAMES = Number(process.env.ROLLCALL_FRAMES ?? 300);
const FACES = Number(process.env.ROLLCALL_CLASS ?? 8);
/** The first ones wait for what is loaded when it is used first. */
const WARM = 20;

test("frame to drawn boxes", async () => {
  const school = await School.create();
  const cast = CAST.slice(0, FACES);
  const organization = { params: { path: { organization_id: school.id } } };
  const policy = { false_match_rate: 0.0001, forced_threshold: 0.75, liveness: "off", retain_photos: false } as const;
  await school.api.PUT("/api/v1/organizations/{organization_id}/recognition-policy", { ...organization, body: policy });
  const people: string[] = [];
  const photos = await develop(cast.map(({ face }) => portrait(face)));
  for (const [at, { name }] of cast.entries()) {
    const person = await school.person(name);
    people.push(person);
    await school.tryToEnroll(person, photos.slice(at, at + 1));
  }
  const session = await school.session(await school.course("Biology", people));
  const pictures = await develop([0, 3, -3].map((moved) => classroom(cast.map(({ face }) => face), moved)));
  const panel = await Panel.open({ camera: await film(pictures, 1, { width: 1280, height: 720 }) });
  try {
    const { page } = panel;
    await page.addInitScript(
      ({ names }) => {
        const kept: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
        Object.assign(globalThis, { measured: kept });
        new PerformanceObserver((list) => {
          for (const { name, duration } of list.getEntries()) kept[name]?.push(duration);
        }).observe({ entryTypes: ["measure"] });
      },
      { names: [ANSWERED, DRAWN] },
    );
    await panel.signIn(school.admin, `/sessions/${session}/live`);
    await page.getByRole("button", { name: panel.word("live.start") }).click();
    // Asked for by the debugger, which the page's policy does not bind.
    const isEnough = async () => (Number(await page.evaluate(`measured["${DRAWN}"].length`)) >= FRAMES + WARM ? true : null);
    await until(isEnough, 800);
    const measured = (await page.evaluate("measured")) as Record<string, number[]>;
    const faces = await page.evaluate("document.querySelectorAll('svg [data-outcome]').length");
    console.log(table(measured, Number(faces)));
  } finally {
    await panel.close();
  }
});

function table(measured: Record<string, number[]>, faces: number): string {
  const rows = [
    ["frame to drawn boxes", DRAWN],
    ["of which until the page has the result", ANSWERED],
  ] as const;
  const line = ([words, name]: (typeof rows)[number]) => {
    const sorted = (measured[name] ?? []).slice(WARM).sort((one, other) => one - other);
    const at = (share: number) => (sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN).toFixed(1);
    return `| ${words} | ${at(0.5)} | ${at(0.95)} | ${sorted.length} |`;
  };
  return ["", `${faces} faces in the last frame`, "", "| milliseconds | p50 | p95 | frames |", "|---|---|---|---|", ...rows.map(line), ""].join("\n");
}
