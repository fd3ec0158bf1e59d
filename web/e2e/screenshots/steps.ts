// What is done on a page before its picture is taken.

import type { Page } from "playwright-core";

import type { Panel } from "../harness/panel";
import { until } from "../harness/system";
import type { Demo } from "./demo";

/** Starts the camera of the live page, and waits until most of the class is named. */
export async function watchClass(page: Page, panel: Panel): Promise<void> {
  await page.getByRole("button", { name: panel.word("live.start") }).click();
  await page.getByRole("button", { name: panel.word("live.stop") }).waitFor();
  await page.getByLabel(panel.word("live.mirror")).uncheck();
  await page.locator("svg [data-outcome=unknown]").first().waitFor({ timeout: 60_000 });
  await until(async () => ((await page.locator("svg [data-outcome]").count()) >= 7 ? true : null));
  // The first results take longer than those after them.
  await page.waitForTimeout(6000);
}

/** Begins the guided enrollment; the first pose is taken by itself, and the next is asked for. */
export async function beginCapture(page: Page, panel: Panel): Promise<void> {
  await page.getByRole("button", { name: panel.word("enrollment.camera.start") }).click();
  await page.getByRole("status").first().waitFor();
  await page.waitForTimeout(4000);
}

/** Waits for the kiosk to say who it sees. */
export async function greeted(page: Page, panel: Panel): Promise<void> {
  const said = ["welcome", "already"].map((word) => panel.word(`kiosk.said.${word}`));
  await page.getByText(new RegExp(said.join("|"))).first().waitFor({ timeout: 60_000 });
}

const TABLE = `Number;Name;Class;Section;E-mail
S201;Adaeze Umeh;10;A;adaeze@hillside.example
S202;Björn Lindqvist;10;B;bjorn@hillside.example
S203;;10;B;
S202;Carmen Vidal;10;A;carmen@hillside.example
S204;Dewi Lestari;10;A;dewi at hillside
`;

/** Chooses a table with some mistakes in it, and checks it. */
export async function checkTable(page: Page, panel: Panel): Promise<void> {
  await page.locator("input[type=file]").first().setInputFiles({ name: "class-10.csv", mimeType: "text/csv", buffer: Buffer.from(TABLE) });
  await page.getByRole("button", { name: panel.word("import.check") }).click();
  await page.getByRole("button", { name: panel.word("import.otherFile") }).waitFor();
  await page.waitForTimeout(500);
}

/** Uploads a photo of the class, and waits for what was found. */
export async function photographClass(page: Page, panel: Panel, { pictures }: Demo): Promise<void> {
  await page.locator("input[type=file]").first().setInputFiles(pictures[0] ?? "");
  await page.getByText(panel.word("live.photo.nobody")).first().waitFor({ timeout: 90_000 });
  await page.locator("main canvas").first().waitFor();
}

/** Enrolls somebody with photos, one of which will not do, and waits for the verdict on each. */
export async function uploadPhotos(page: Page, panel: Panel, { photos }: Demo): Promise<void> {
  await page.locator("main input[type=file]").first().setInputFiles(photos);
  await page.locator("main button.MuiButton-contained").last().click();
  await page.getByRole("button", { name: panel.word("enrollment.more") }).waitFor({ timeout: 90_000 });
}
