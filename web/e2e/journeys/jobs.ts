import { expect } from "vitest";

import { journey } from "../harness/journey";
import { installationAdmin } from "../harness/system";

journey("the jobs of all organizations are shown to administrators of the installation", async ({ school, open }) => {
  const panel = await open();
  const { page } = panel;
  // As after choosing it: the choice lasts as long as the tab.
  await page.addInitScript(`sessionStorage.setItem("rollcall.organization", "${school.id}")`);
  await panel.signIn(installationAdmin, "/jobs");
  await page.getByRole("heading", { level: 1, name: panel.word("jobs.title") }).waitFor();
  await page.getByText(panel.word("jobs.well")).waitFor();
  for (const queue of ["frames", "looks", "enrollments", "photos"]) {
    await page.getByRole("heading", { level: 3, name: panel.word(`jobs.names.${queue}`) }).waitFor();
  }
  expect(await panel.barriers()).toEqual([]);
});

journey("an administrator of an organization is not shown them", async ({ school, open }) => {
  const panel = await open();
  const { page } = panel;
  await panel.signIn(school.admin, "/people");
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  expect(await page.getByRole("link", { name: panel.word("jobs.title"), exact: true }).count()).toBe(0);
  await page.goto("/jobs");
  await page.getByText(panel.word("state.forbidden")).first().waitFor();
});
