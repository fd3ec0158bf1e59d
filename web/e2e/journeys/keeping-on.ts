import { expect } from "vitest";

import { journey } from "../harness/journey";
import type { Panel } from "../harness/panel";
import { made } from "../harness/system";

const PEOPLE = "**/api/v1/people";

/** The next person that is sent goes with a token that is not good any more. */
async function expire(panel: Panel): Promise<void> {
  panel.expects(/^resource: 401 .*\/api\/v1\/people$/);
  await panel.page.route(
    PEOPLE,
    (route) => route.continue({ headers: { ...route.request().headers(), authorization: "Bearer expired" } }),
    { times: 1 },
  );
}

async function typeAda(panel: Panel): Promise<void> {
  await panel.button("people.add").click();
  const dialog = panel.page.getByRole("dialog");
  await panel.field(panel.word("person.fields.external_id"), dialog).fill("S7");
  await panel.field(panel.word("person.fields.name"), dialog).fill("Ada Lovelace");
}

const save = (panel: Panel) =>
  panel.page.getByRole("dialog").getByRole("button", { name: panel.word("people.add"), exact: true }).click();

journey("a token that expires while somebody types is not noticed", async ({ school, open }) => {
  const panel = await open();
  await panel.signIn(school.admin, "/people");
  await typeAda(panel);
  await expire(panel);
  await save(panel);
  await panel.page.getByRole("heading", { name: "Ada Lovelace" }).waitFor();
});

journey("a login that ends while somebody types loses nothing of it", async ({ school, open }) => {
  const panel = await open();
  const { page } = panel;
  await panel.signIn(school.admin, "/people");
  await typeAda(panel);
  await expire(panel);
  await panel.context.clearCookies();
  await save(panel);
  await panel.button("account.signIn").waitFor();
  expect(await page.getByText("S7").filter({ visible: true }).count(), "nobody sees what was there").toBe(0);
  expect(await page.getByRole("dialog").filter({ visible: true }).count()).toBe(0);
  expect(await panel.barriers()).toEqual([]);

  await panel.fillDoor(school.admin);
  const number = panel.field(panel.word("person.fields.external_id"), page.getByRole("dialog"));
  expect(await number.inputValue(), "what was typed is still there").toBe("S7");
  await save(panel);
  await page.getByRole("heading", { name: "Ada Lovelace" }).waitFor();
});

journey("the live page goes on by itself when its connection was cut", async ({ school, open }) => {
  const ada = await school.person("Ada Lovelace");
  const session = await school.session(await school.course("Civics", [ada]));
  const panel = await open();
  const { page } = panel;
  // Where the machine is slow, it is cut before it was made.
  panel.expects(/^console: WebSocket connection .* closed before the connection is established/);
  let isCut = false;
  let cut = () => {};
  await page.routeWebSocket(/\/api\/v1\/live\?/, (socket) => {
    if (isCut) return void socket.close();
    socket.connectToServer();
    cut = () => void socket.close();
  });
  await panel.signIn(school.admin, `/sessions/${session}/live`);
  await page.getByText(panel.word("live.nobodyYet")).waitFor();
  const waiting = page.getByText(panel.word("live.waiting"));
  expect(await waiting.count()).toBe(0);
  isCut = true;
  cut();
  await waiting.waitFor();
  expect(await panel.barriers()).toEqual([]);

  const params = { path: { session_id: session } };
  const body = { person_id: ada, state: "present" as const };
  await made(school.api.POST("/api/v1/sessions/{session_id}/attendance", { params, body }));
  isCut = false;
  await page.getByRole("listitem").filter({ hasText: "Ada Lovelace" }).waitFor();
  await waiting.waitFor({ state: "detached" });
});
