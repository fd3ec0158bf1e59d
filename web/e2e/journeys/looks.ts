import { expect } from "vitest";

import { journey } from "../harness/journey";
import { PLACES } from "../../src/shell/navigation";
import type { School } from "../harness/system";

/** Some people and a course with a session, so that pages have something to show. */
async function fill(school: School): Promise<void> {
  const people = [await school.person("Ada Lovelace"), await school.person("Alan Turing"), await school.person("ليلى الحداد")];
  await school.session(await school.course("Biology", people));
}

const SIZES = [
  { width: 1280, height: 800 },
  { width: 360, height: 720 },
] as const;

for (const language of ["en", "ar"] as const) {
  journey(`every page can be used by everybody, in ${language}`, async ({ school, open }) => {
    await fill(school);
    const barriers: string[] = [];
    for (const size of SIZES) {
      const panel = await open({ language, ...size });
      const { page } = panel;
      const look = async (where: string) => {
        for (const found of await panel.barriers()) barriers.push(`${where} at ${size.width}: ${found}`);
        const overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (Number(overflow) > 0) barriers.push(`${where} at ${size.width}: ${overflow} pixels too wide`);
        const direction = await page.evaluate("[document.documentElement.dir, document.documentElement.lang].join()");
        expect(direction).toBe(language === "ar" ? "rtl,ar" : "ltr,en");
      };
      await page.goto("/");
      await page.getByRole("button", { name: panel.word("account.signIn") }).waitFor();
      await look("the door");
      await panel.signIn(school.admin);
      // An administrator who is no person has nothing of their own, and is told so.
      panel.expects(/^resource: 403 .*\/users\/me\//);
      for (const place of PLACES.filter(({ roles, isOfInstallation }) => roles.includes("admin") && !isOfInstallation)) {
        await page.goto(place.path);
        await page.getByRole("heading", { level: 1 }).first().waitFor();
        await panel.settled();
        await look(place.path);
      }
      await page.goto("/there/is/no/such/page");
      await page.getByRole("heading").or(page.getByText(panel.word("state.notFound"))).first().waitFor();
      await look("an unknown address");
    }
    expect(barriers).toEqual([]);
  });
}

journey("in Arabic the menu is on the right", async ({ school, open }) => {
  const panel = await open({ language: "ar" });
  await panel.signIn(school.admin, "/people");
  const menu = await panel.page.getByRole("navigation", { name: panel.word("nav.label") }).boundingBox();
  expect(menu?.x).toBeGreaterThan(640);
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

journey("a teacher is not shown what only administrators may see", async ({ school, open }) => {
  const teacher = await school.user("teacher");
  const panel = await open();
  const { page } = panel;
  await panel.signIn(teacher);
  const menu = page.getByRole("navigation", { name: panel.word("nav.label") });
  const shown: string[] = [];
  for (const place of PLACES) {
    if ((await menu.getByRole("link", { name: panel.word(place.word), exact: true }).count()) > 0) shown.push(place.path);
  }
  const allowed = PLACES.filter(({ roles }) => roles.includes("teacher")).map(({ path }) => path);
  expect(shown).toContain("/people");
  expect(shown.filter((path) => !allowed.includes(path))).toEqual([]);
  // Nor by its address: the page says so, and the API would refuse.
  panel.expects(/^resource: 403 /);
  for (const place of PLACES.filter(({ roles }) => !roles.includes("teacher"))) {
    await page.goto(place.path);
    await page.getByText(panel.word("state.forbidden")).first().waitFor();
  }
});

journey("the keyboard is enough to sign in and look for somebody", async ({ school, open }) => {
  await fill(school);
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
