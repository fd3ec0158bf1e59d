import { expect } from "vitest";

import { journey } from "../harness/journey";

/** What a phone has to fetch before somebody can sign in, in bytes as they are sent. */
const LIMIT = 300_000;

journey("the first load is small", async ({ open }) => {
  const panel = await open();
  const { page } = panel;
  await page.goto("/", { waitUntil: "networkidle" });
  await page.getByRole("button", { name: panel.word("account.signIn") }).waitFor();
  const fetched = (await page.evaluate(`performance.getEntriesByType("resource")
    .filter(({ name }) => /\\.(js|css)$/.test(new URL(name).pathname))
    .map(({ name, encodedBodySize, decodedBodySize }) => ({ name, sent: encodedBodySize, whole: decodedBodySize }))`)) as {
    name: string;
    sent: number;
    whole: number;
  }[];
  const sum = (part: "sent" | "whole") => fetched.reduce((all, one) => all + one[part], 0);
  expect(sum("whole"), "they were counted").toBeGreaterThan(100_000);
  expect(sum("sent"), JSON.stringify(fetched, null, 1)).toBeLessThan(LIMIT);
  expect(sum("sent")).toBeLessThan(sum("whole") / 2);
});
