import { expect } from "vitest";

import { film } from "../harness/camera";
import { journey } from "../harness/journey";
import { made, until } from "../harness/system";

const FACES = `${process.env.ROLLCALL_FACES ?? ""}/face_recognition`;

journey("a teacher marks attendance with the browser's camera", async ({ school, open }) => {
  const teacher = await school.user("teacher");
  const [obama, ada] = [await school.person("Barack Obama"), await school.person("Ada Lovelace")];
  const session = await school.session(await school.course("Civics", [obama, ada], teacher.id));
  await school.enroll(obama, [`${FACES}/obama.jpg`]);
  // Another picture of him than the one that was enrolled, and somebody whom nobody knows.
  const panel = await open({ camera: await film([`${FACES}/obama2.jpg`, `${FACES}/biden.jpg`]) });
  const { page } = panel;
  await panel.signIn(teacher, `/sessions/${session}/live`);
  await page.getByText(panel.word("live.nobodyYet")).waitFor();
  expect(await panel.barriers()).toEqual([]);

  await page.getByRole("button", { name: panel.word("live.start") }).click();
  const came = page.getByRole("listitem").filter({ hasText: "Barack Obama" });
  await came.first().waitFor({ timeout: 60_000 });
  await page.getByText(panel.word("live.outcomes.unknown")).first().waitFor({ timeout: 60_000 });
  expect(await page.getByText("Ada Lovelace").count(), "nobody took a face for hers").toBe(0);
  expect(await panel.barriers()).toEqual([]);

  await page.getByRole("button", { name: panel.word("live.stop") }).click();
  const isOn = "document.querySelector('video')?.srcObject?.getTracks().some((track) => track.readyState === 'live') ?? false";
  expect(await page.evaluate(isOn), "the camera is off").toBe(false);
  await page.getByRole("button", { name: panel.word("live.notYet") }).click();
  await page.getByRole("listitem").filter({ hasText: "Ada Lovelace" }).waitFor();

  const params = { params: { path: { session_id: session } } };
  const rows = await until(async () => {
    const { items } = await made(school.api.GET("/api/v1/sessions/{session_id}/attendance", params));
    return items.length > 0 ? items : null;
  });
  const stateOf = (person: string) => rows.find((row) => row.person_id === person)?.state ?? null;
  expect([stateOf(obama), stateOf(ada)]).toEqual(["present", null]);
});
