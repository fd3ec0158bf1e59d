// A course is made, its session held, and what came of it looked at and corrected.

import { expect } from "vitest";

import type { Panel } from "../harness/panel";

/** Makes a course with everybody on its roster. */
export async function makeCourse(panel: Panel, title: string, code: string, people: number): Promise<void> {
  const { page } = panel;
  await panel.go("courses.nav");
  await panel.button("courses.new").click();
  const dialog = page.getByRole("dialog");
  await panel.field(panel.word("courses.name"), dialog).fill(title);
  await panel.field(panel.word("courses.code"), dialog).fill(code);
  await dialog.getByRole("button", { name: panel.word("account.save"), exact: true }).click();
  await page.getByRole("heading", { name: title }).waitFor();
  await panel.button("courses.addPeople").click();
  await panel.button("courses.chooseAll", { count: people, n: panel.number(people) }).click();
  await panel.button("courses.addCount", { count: people, n: panel.number(people) }).click();
  await page.getByRole("heading", { name: panel.word("courses.rosterOf", { count: people, n: panel.number(people) }), exact: true }).waitFor();
}

/** Plans a session of the course that is shown, and starts it. */
export async function startSession(panel: Panel): Promise<void> {
  await panel.button("sessions.new").click();
  await panel.button("sessions.plan").click();
  await panel.button("sessions.start").click();
  await panel.page.waitForURL(/\/sessions\/[^/]+\/live$/);
  await panel.page.getByText(panel.word("live.nobodyYet")).waitFor();
}

/** Somebody in the list of those who came. */
export function came(panel: Panel, name: string) {
  return panel.page.getByRole("list", { name: panel.word("live.came"), exact: true }).getByRole("listitem").filter({ hasText: name });
}

/** Turns the camera on until these people are marked; sees their names drawn on the picture, and a stranger's box. */
export async function markByCamera(panel: Panel, names: readonly string[]): Promise<void> {
  const { page } = panel;
  await panel.button("live.start").click();
  const drawn = page.locator("svg[role=img] g");
  for (const name of names) {
    const box = drawn.filter({ hasText: name }).first();
    await box.waitFor({ timeout: 60_000 });
    await came(panel, name).waitFor({ timeout: 60_000 });
  }
  await drawn.filter({ hasText: panel.word("live.outcomes.unknown") }).first().waitFor({ timeout: 60_000 });
  const size = await drawn.locator("rect").first().boundingBox({ timeout: 60_000 });
  expect(Math.min(size?.width ?? 0, size?.height ?? 0), "a box is drawn around a face").toBeGreaterThan(10);
  expect(await panel.barriers()).toEqual([]);
  await panel.button("live.stop").click();
}

/** Says that a face was somebody else's. */
export async function notThisPerson(panel: Panel, name: string, reason: string): Promise<void> {
  const { page } = panel;
  const face = page.getByRole("listitem").filter({ hasText: name }).filter({ visible: true });
  await face.getByRole("button", { name: panel.word("results.notThisPerson") }).first().click();
  const dialog = page.getByRole("dialog", { name: panel.word("results.notThis", { name }) });
  await panel.field(panel.word("results.reason"), dialog).fill(reason);
  await dialog.getByRole("button", { name: panel.word("results.reject") }).click();
  await dialog.waitFor({ state: "detached" });
}

/** The row of somebody in the results of a session. */
export function standing(panel: Panel, name: string) {
  return panel.page.getByRole("row").filter({ hasText: name });
}

/** Marks somebody by hand, with a reason. */
export async function correct(panel: Panel, name: string, state: string, reason: string): Promise<void> {
  await panel.button("results.markOf", { name }).click();
  const dialog = panel.page.getByRole("dialog");
  await panel.choose(panel.word("results.as"), panel.word(`results.states.${state}`));
  await panel.field(panel.word("results.reason"), dialog).fill(reason);
  await dialog.getByRole("button", { name: panel.word("account.save"), exact: true }).click();
  const shown = panel.word("results.byHand", { state: panel.word(`results.states.${state}`) });
  await standing(panel, name).getByText(shown).waitFor();
}

/** Closes the session, and sees who was not there. */
export async function closeSession(panel: Panel, absent: readonly string[]): Promise<void> {
  const { page } = panel;
  await panel.button("sessions.close").click();
  const dialog = page.getByRole("dialog", { name: panel.word("sessions.closeQuestion") });
  await dialog.getByText(panel.word("sessions.willBeAbsent", { count: absent.length })).waitFor();
  await dialog.getByRole("button", { name: panel.word("sessions.close") }).click();
  await page.waitForURL(/show=absent/);
  for (const name of absent) await standing(panel, name).getByText(panel.word("results.states.absent")).waitFor();
  expect(await page.getByRole("row").count(), "they and the headings").toBe(absent.length + 1);
}

/** What is told of how somebody's attendance came to be. */
export async function historyOf(panel: Panel, name: string) {
  await panel.button("results.all", {}).or(panel.page.getByRole("button", { name: new RegExp(`^${panel.word("results.all")} · `) })).click();
  await panel.button("results.historyOf", { name }).click();
  const title = panel.page.getByRole("heading", { name: panel.word("results.historyOf", { name }) });
  await title.waitFor();
  return panel.page.getByRole("dialog").or(panel.page.getByRole("presentation")).filter({ has: title }).last();
}
