import { expect } from "vitest";

import { journey } from "../harness/journey";

const COOKIE = "rollcall_refresh";

journey("signing in, staying signed in, signing out", async ({ school, open }) => {
  const panel = await open();
  const { page } = panel;
  await panel.signIn(school.admin, "/people?q=nobody");
  expect(new URL(page.url()).search, "one is where one wanted to be").toBe("?q=nobody");
  const kept = (await panel.context.cookies()).find((cookie) => cookie.name === COOKIE);
  expect(kept).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/api/v1/auth" });
  const stored = await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])");
  expect(stored).not.toMatch(/rrt_|eyJ/);

  await page.reload();
  await page.getByRole("heading", { name: panel.word("people.title") }).waitFor();
  const next = (await panel.context.cookies()).find((cookie) => cookie.name === COOKIE);
  expect(next?.value).not.toBe(kept?.value);

  await panel.signOut();
  expect((await panel.context.cookies()).some((cookie) => cookie.name === COOKIE)).toBe(false);
  await page.reload();
  await page.getByRole("button", { name: panel.word("account.signIn") }).waitFor();
});

journey("a wrong password is said, and what was typed stays", async ({ school, open }) => {
  const panel = await open();
  const { page } = panel;
  panel.expects(/^resource: 401 .*\/auth\/login$/);
  await page.goto("/");
  await page.getByLabel(panel.word("account.email")).fill(school.admin.email);
  await page.getByLabel(panel.word("account.password")).fill("a guess at it");
  await page.getByRole("button", { name: panel.word("account.signIn") }).click();
  await page.getByRole("alert").waitFor();
  expect(await page.getByLabel(panel.word("account.email")).inputValue()).toBe(school.admin.email);
  expect(await page.getByRole("alert").innerText()).toContain("password is wrong");
});

journey("tabs that are loaded at once stay signed in, all of them", async ({ school, open }) => {
  const panel = await open();
  await panel.signIn(school.admin);
  const tabs = await Promise.all([panel.page, panel.context.newPage(), panel.context.newPage(), panel.context.newPage()]);
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(tabs.map((tab) => tab.goto("/people")));
    const isIn = (tab: (typeof tabs)[number]) => tab.getByRole("button", { name: panel.word("account.menu") }).waitFor();
    await Promise.all(tabs.map(isIn));
  }
});

journey("a page that is loaded anew while it still loads stays signed in", async ({ school, open }) => {
  const panel = await open();
  const { page } = panel;
  await panel.signIn(school.admin);
  for (let round = 0; round < 5; round += 1) {
    // The request is on its way when its page goes.
    const asked = page.waitForRequest("**/api/v1/auth/refresh");
    await page.goto("/people", { waitUntil: "commit" });
    await asked;
  }
  await page.goto("/people");
  await page.getByRole("button", { name: panel.word("account.menu") }).waitFor();
});

journey("whoever was given a password chooses another one first", async ({ school, open }) => {
  const account = await school.user("teacher");
  const reset = "a password from the office";
  const path = { user_id: account.id };
  await school.api.POST("/api/v1/users/{user_id}/reset-password", { params: { path }, body: { new_password: reset } });
  const panel = await open();
  const { page } = panel;
  await page.goto("/");
  await page.getByLabel(panel.word("account.email")).fill(account.email);
  await page.getByLabel(panel.word("account.password")).fill(reset);
  await page.getByRole("button", { name: panel.word("account.signIn") }).click();
  await page.getByLabel(panel.word("account.currentPassword")).fill(reset);
  await page.getByLabel(panel.word("account.newPassword")).fill("a password of my own");
  expect(await panel.barriers()).toEqual([]);
  await page.getByRole("button", { name: panel.word("account.save") }).click();
  await page.getByRole("button", { name: panel.word("account.menu") }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: panel.word("account.menu") }).waitFor();
});
