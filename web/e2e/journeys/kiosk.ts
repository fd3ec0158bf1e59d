import { expect } from "vitest";

import { film } from "../harness/camera";
import { journey } from "../harness/journey";
import { enrolling, heldBack } from "../harness/pictures";
import { address, made } from "../harness/system";
import { kioskLink } from "../../src/pages/kiosk/pass";

journey("people check in at a kiosk, by face and by PIN", async ({ school, open }) => {
  const [mindy, ada] = [await school.person("Mindy Kaling"), await school.person("Ada Lovelace", "S7")];
  const session = await school.session(await school.course("Civics", [mindy, ada]));
  await made(school.api.PUT("/api/v1/people/{person_id}/pin", { params: { path: { person_id: ada } }, body: { pin: "2718" } }));
  const body = { name: "Kiosk", session_id: session };
  const { key } = await made(school.api.POST("/api/v1/cameras", { body }));
  await school.enroll(mindy, enrolling("mindy_kaling"));

  const panel = await open({ camera: await film(heldBack("mindy_kaling")), width: 800, height: 1280 });
  const { page } = panel;
  await page.goto(kioskLink(address, session, { key, title: "Civics", zone: "Europe/Zurich" }));
  await page.getByText("Mindy Kaling").first().waitFor({ timeout: 60_000 });
  expect(page.url(), "the key is not left in the address").not.toContain(key);
  expect(await panel.barriers()).toEqual([]);

  panel.expects(/^resource: 4\d\d .*\/pin-check-ins$/);
  await panel.button("kiosk.modes.pin").click();
  const checkIn = async (pin: string) => {
    await panel.field(panel.word("kiosk.number")).fill("S7");
    await panel.field(panel.word("kiosk.pin")).fill(pin);
    await panel.button("kiosk.come").click();
  };
  await checkIn("1111");
  await page.getByText(panel.word("kiosk.refused.wrong_pin")).waitFor();
  await checkIn("2718");
  await page.getByText("Ada Lovelace").waitFor();
  expect(await panel.barriers()).toEqual([]);

  const params = { params: { path: { session_id: session } } };
  const { items } = await made(school.api.GET("/api/v1/sessions/{session_id}/attendance", params));
  const came = items.filter(({ state }) => state === "present").map(({ person_id: id }) => id);
  expect(new Set(came)).toEqual(new Set([mindy, ada]));
});
