// Takes the pictures of docs/screenshots; scripts/screenshots starts it.

import { mkdirSync } from "node:fs";

import { afterAll, beforeAll, expect, test } from "vitest";

import { CAST } from "../drawn/cast";
import { develop } from "../drawn/develop";
import { selfie } from "../drawn/picture";
import { film } from "../harness/camera";
import { Panel, type Wanted } from "../harness/panel";
import { installationAdmin } from "../harness/system";
import { type Demo, demo } from "./demo";
import { PLACES, type Place } from "./places";

const folder = process.env.ROLLCALL_SCREENSHOTS ?? "/tmp/screenshots";
const only = (process.env.ROLLCALL_ONLY ?? "").split(" ").filter(Boolean);
const chosen = PLACES.filter(({ name }) => only.length === 0 || only.includes(name));

let made: Demo;
const films: Record<string, string> = {};
const open = new Map<string, Panel>();

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  made = await demo();
  films.class = await film(made.pictures, 1, { width: 1280, height: 720 });
  const who = CAST[9]?.face;
  if (who) films.face = await film(await develop([selfie(who), selfie(who, { smile: 0.9, turn: 0.05 })]), 1);
});

afterAll(async () => {
  for (const panel of open.values()) await panel.close();
});

type Variant = "" | "ar" | "dark" | "phone";

/** A browser for all that the same person sees in the same way. */
async function panelFor({ as = "admin", camera }: Place, variant: Variant): Promise<Panel> {
  const key = [as, camera, variant].join();
  const known = open.get(key);
  if (known) return known;
  const wanted: Wanted = { width: variant === "phone" ? 360 : 1280, height: variant === "phone" ? 720 : 800, appearance: variant === "dark" ? "dark" : "light" };
  if (variant === "ar") wanted.language = "ar";
  const film = camera && films[camera];
  if (film) wanted.camera = film;
  const panel = await Panel.open(wanted);
  open.set(key, panel);
  if (as === "installation") {
    // As after choosing it: the choice lasts as long as the tab.
    await panel.page.addInitScript(`sessionStorage.setItem("rollcall.organization", "${made.school.id}")`);
    await panel.signIn(installationAdmin, "/people");
  } else if (as !== "nobody") await panel.signIn(as === "admin" ? made.school.admin : made[as]);
  return panel;
}

async function take(place: Place, variant: Variant): Promise<void> {
  const panel = await panelFor(place, variant);
  const { page } = panel;
  await page.goto(place.path.replace(/\{(\w+)\}/g, (_, name: string) => made.ids[name] ?? name));
  await page.locator("h1, h2, video, main").first().waitFor();
  await panel.settled();
  await place.steps?.(page, panel, made);
  const { width = 1280, height = 800 } = page.viewportSize() ?? {};
  // As high as the page is, so that what stays in place while it is scrolled stands where it belongs.
  const whole = Number(await page.evaluate("document.documentElement.scrollHeight"));
  if (place.isWhole) await page.setViewportSize({ width, height: Math.max(height, whole) });
  await page.mouse.move(0, 0);
  await page.waitForTimeout(600);
  const path = `${folder}/${place.name}${variant && `-${variant}`}.png`;
  await page.screenshot({ path, animations: "disabled" });
  const overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  expect(overflow, `${place.name} is too wide`).toBe(0);
  await page.goto("about:blank");
  await page.setViewportSize({ width, height });
}

for (const place of chosen) {
  for (const variant of ["", ...(place.also ?? [])] as const) {
    test([place.name, variant].filter(Boolean).join(", "), () => take(place, variant));
  }
}
