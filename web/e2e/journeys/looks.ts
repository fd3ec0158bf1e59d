import { expect } from "vitest";

import { journey } from "../harness/journey";

journey("in Arabic the menu is on the right", async ({ school, open }) => {
  const panel = await open({ language: "ar" });
  await panel.signIn(school.admin, "/people");
  const menu = await panel.page.getByRole("navigation", { name: panel.word("nav.label") }).boundingBox();
  expect(menu?.x).toBeGreaterThan(640);
});

journey("on a phone the menu opens over the page, and leads somewhere", async ({ school, open }) => {
  const panel = await open({ width: 360, height: 740 });
  await panel.signIn(school.admin, "/people");
  await panel.button("nav.open").click();
  await panel.page.getByRole("dialog", { name: panel.word("nav.label") }).waitFor();
  expect(await panel.barriers()).toEqual([]);
  await panel.page.keyboard.press("Escape");
  await panel.page.getByRole("dialog").waitFor({ state: "detached" });
  await panel.go("courses.nav");
  await panel.page.getByRole("heading", { name: panel.word("courses.title"), exact: true }).waitFor();
  await panel.page.getByRole("dialog").waitFor({ state: "detached" });
});

journey("a language that was chosen stays", async ({ school, open }) => {
  const panel = await open();
  const { page } = panel;
  await panel.signIn(school.admin);
  await page.getByRole("button", { name: panel.word("account.menu") }).click();
  await page.getByRole("combobox", { name: panel.word("account.language") }).click();
  await page.getByRole("option", { name: "العربية" }).click();
  await page.locator("html[dir=rtl][lang=ar]").waitFor({ state: "attached" });
  await page.reload();
  await page.locator("html[dir=rtl][lang=ar]").waitFor({ state: "attached" });
});

journey("the keyboard is enough to sign in and look for somebody", async ({ school, open }) => {
  for (const name of ["Ada Lovelace", "Alan Turing"]) await school.person(name);
  const panel = await open();
  const { page } = panel;
  await page.goto("/people");
  await page.getByLabel(panel.word("account.email")).focus();
  await page.keyboard.type(school.admin.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(school.admin.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: panel.word("people.title") }).waitFor();
  await page.getByText("Ada Lovelace").first().waitFor();
  // The first stop jumps over the menu.
  await page.keyboard.press("Tab");
  const first = page.getByRole("link", { name: panel.word("nav.skip") });
  expect(await first.evaluate((link) => link === link.ownerDocument.activeElement)).toBe(true);
  await page.getByRole("searchbox").focus();
  await page.keyboard.type("turing");
  await page.getByText("Ada Lovelace").first().waitFor({ state: "detached" });
  await page.getByText("Alan Turing").first().waitFor();
  expect(await page.getByRole("searchbox").inputValue(), "nothing of what was typed is lost").toBe("turing");
});
