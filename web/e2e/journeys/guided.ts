import { film } from "../harness/camera";
import { journey } from "../harness/journey";
import { TURNING } from "../harness/pictures";

journey("somebody enrolls before the camera, turning the head as they are told", async ({ school, open }) => {
  const person = await school.person("Jerry Seinfeld");
  const panel = await open({ camera: await film(TURNING) });
  const { page } = panel;
  await panel.signIn(school.admin, `/people/${person}?tab=face`);
  await page.getByRole("link", { name: panel.word("enrollment.byCamera"), exact: true }).click();
  await panel.button("enrollment.camera.start").click();
  const told = ["poses.centre", "poses.left", "poses.right", "advice.look_ahead", "advice.turn_left", "advice.turn_right"];
  const said = page.getByRole("status").filter({ hasText: new RegExp(told.map((key) => panel.word(`enrollment.${key}`)).join("|")) });
  await said.waitFor();
  // One pose after the other is taken, in whichever order the server asks for them.
  for (const taken of [1, 2]) {
    const count = panel.word("enrollment.camera.taken", { taken, poses: 3 });
    await page.getByText(count).waitFor({ timeout: 90_000 });
  }
  await page.getByText(panel.word("enrollment.completed", { count: 3, total: 3 })).waitFor({ timeout: 90_000 });
  await page.getByRole("link", { name: panel.word("enrollment.back") }).click();
  await page.getByText(panel.word("person.face.yes")).waitFor();
});
