import { expect } from "vitest";

import { ADDRESSES, filled } from "../harness/addresses";
import { journey } from "../harness/journey";
import type { Panel } from "../harness/panel";
import { made } from "../harness/system";
import { PLACES, placesOf } from "../../src/shell/navigation";
import type { Role } from "../../src/auth/user";

/** Nobody has these: what is not for somebody's role is refused before it is looked for. */
const ID = "00000000-0000-7000-8000-000000000000";
const IDS = { personId: ID, courseId: ID, sessionId: ID };

/** The menu has what the role may see and nothing else. */
async function seesMenu(panel: Panel, role: Role, person: string | null): Promise<void> {
  const menu = panel.page.getByRole("navigation", { name: panel.word("nav.label") });
  const expected = placesOf({ role, person_id: person }).map(({ word }) => panel.word(word));
  expect(expected.length).toBeLessThan(PLACES.length);
  await menu.getByRole("link", { name: expected[0] ?? "", exact: true }).waitFor();
  expect(await menu.getByRole("link").allInnerTexts()).toEqual(expected);
}

/** Nor is there anything at the addresses of other roles; nothing is even asked for. */
async function isKeptOut(panel: Panel, role: Role, atLeast: number): Promise<void> {
  const closed = ADDRESSES.filter(({ roles }) => roles && !roles.includes(role));
  expect(closed.length).toBeGreaterThanOrEqual(atLeast);
  for (const { pattern } of closed) {
    await panel.page.goto(filled(pattern, IDS));
    await panel.page.getByText(panel.word("state.forbidden")).waitFor();
  }
}

journey("a teacher reaches nothing that is for administrators", async ({ school, open }) => {
  const panel = await open();
  await panel.signIn(await school.user("teacher"));
  await seesMenu(panel, "teacher", null);
  await isKeptOut(panel, "teacher", 7);
});

journey("a member reaches their own page and no other", async ({ school, open }) => {
  const ada = await school.person("Ada Lovelace");
  const session = await school.session(await school.course("Civics", [ada]));
  const params = { path: { session_id: session } };
  const here = { person_id: ada, state: "present" as const };
  await made(school.api.POST("/api/v1/sessions/{session_id}/attendance", { params, body: here }));
  await made(school.api.POST("/api/v1/sessions/{session_id}/close", { params }));
  const panel = await open();
  const { page } = panel;
  // Nothing was asked to be erased.
  panel.expects(/^resource: 404 .*\/users\/me\/erasure-request$/);
  await panel.signIn(await school.user("member", ada));
  await page.waitForURL("**/me");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await seesMenu(panel, "member", ada);
  await page.getByText("Civics").first().waitFor();
  await isKeptOut(panel, "member", 20);
});
