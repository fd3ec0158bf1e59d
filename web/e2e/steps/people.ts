// People come into the system: out of a table, and with their faces.

import { expect } from "vitest";

import type { Panel } from "../harness/panel";

export interface Row {
  number: string;
  name: string;
}

/** A table whose headings the panel cannot know by themselves. */
function table(rows: readonly Row[]) {
  const lines = ["Nr;Who;Form", ...rows.map(({ number, name }) => `${number};${name};10`)];
  return { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(lines.join("\r\n"), "utf8") };
}

async function check(panel: Panel, rows: readonly Row[]): Promise<void> {
  await panel.give("import.chooseTable", table(rows));
  await panel.page.getByRole("table").getByText("Who").waitFor();
  expect(await panel.button("import.check").isDisabled(), "nobody has said yet what the columns are").toBe(true);
  await panel.choose(panel.word("import.fields.external_id"), "Nr");
  await panel.choose(panel.word("import.fields.name"), "Who");
  await panel.button("import.check").click();
}

/** Imports a table: once with a number that is there twice, and then as it should be. */
export async function importPeople(panel: Panel, rows: readonly [Row, ...Row[]]): Promise<void> {
  const { page } = panel;
  await panel.go("nav.people");
  await page.getByRole("link", { name: panel.word("people.import"), exact: true }).click();
  await check(panel, [...rows, { number: rows[0].number, name: "Somebody Twice" }]);
  const wrong = page.getByRole("row").filter({ hasText: panel.word("import.codes.duplicate") });
  await wrong.waitFor();
  expect(await wrong.getByRole("cell").nth(1).innerText(), "the column that is wrong").toBe("Nr");
  expect(await panel.barriers()).toEqual([]);
  expect(await panel.button("import.commit", { count: rows.length }).count()).toBe(0);

  await panel.button("import.otherFile").click();
  await check(panel, rows);
  await page.getByText(panel.word("import.wouldBe")).waitFor();
  await panel.button("import.commit", { count: rows.length }).click();
  await page.getByText(panel.word("import.was")).waitFor();
  await page.getByRole("link", { name: panel.word("import.seePeople") }).click();
  for (const { name } of rows) await page.getByRole("link", { name }).first().waitFor();
  expect(await page.getByText("Somebody Twice").count()).toBe(0);
}

/** Enrolls somebody with good photos and one of several people, and looks at what is said of each. */
export async function enrollByUpload(panel: Panel, name: string, good: readonly string[], group: string): Promise<void> {
  const { page } = panel;
  await page.getByRole("link", { name }).first().click();
  await page.getByRole("link", { name: panel.word("person.enroll"), exact: true }).click();
  await panel.give("enrollment.choose", [...good, group]);
  const total = good.length + 1;
  await panel.button("enrollment.send", { count: total }).click();
  const done = panel.word("enrollment.completed", { count: good.length, total });
  await page.getByText(done).waitFor({ timeout: 60_000 });
  const photos = page.getByRole("article").getByRole("listitem");
  expect(await photos.filter({ hasText: panel.word("enrollment.accepted") }).count()).toBe(good.length);
  expect(await photos.filter({ hasText: panel.word("enrollment.advices.multiple_faces") }).count()).toBe(1);
  expect(await panel.barriers()).toEqual([]);
}
