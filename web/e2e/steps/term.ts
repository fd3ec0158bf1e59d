// From nothing to who was there: the journey that the panel is for.

import { expect } from "vitest";

import { film } from "../harness/camera";
import type { Travel } from "../harness/journey";
import type { Wanted } from "../harness/panel";
import { GROUP, STRANGER, enrolling, heldBack } from "../harness/pictures";
import { unique } from "../harness/system";
import { enrollByUpload, importPeople } from "./people";
import { came, closeSession, correct, historyOf, makeCourse, markByCamera, notThisPerson, standing, startSession } from "./teaching";

const PEOPLE = [
  { number: "S1", name: "Mindy Kaling" },
  { number: "S2", name: "Elton John" },
  { number: "S3", name: "Madonna" },
  { number: "S4", name: "ليلى الحداد" },
] as const;
const [MINDY, ELTON, MADONNA, LAYLA] = ["Mindy Kaling", "Elton John", "Madonna", "ليلى الحداد"] as const;

export async function attendanceOfATerm({ school, open }: Travel, wanted: Wanted): Promise<void> {
  const camera = await film([...heldBack("mindy_kaling"), ...heldBack("elton_john"), STRANGER]);
  const panel = await open({ ...wanted, camera });
  const { page } = panel;
  await panel.signIn(school.admin);
  await importPeople(panel, PEOPLE);
  await enrollByUpload(panel, MINDY, enrolling("mindy_kaling"), GROUP);
  await school.enroll(await school.idOf("S2"), enrolling("elton_john"));

  await makeCourse(panel, unique("Biology"), unique("BIO"), PEOPLE.length);
  await startSession(panel);
  await markByCamera(panel, [MINDY, ELTON]);
  await notThisPerson(panel, ELTON, "It was his brother.");
  await came(panel, ELTON).waitFor({ state: "detached" });

  await page.getByRole("tab", { name: panel.word("sessions.tabs.attendance"), exact: true }).click();
  await standing(panel, MINDY).getByText(panel.word("results.states.present")).waitFor();
  await correct(panel, MADONNA, "excused", "At the dentist.");
  expect(await panel.barriers()).toEqual([]);
  await closeSession(panel, [ELTON, LAYLA]);
  expect(await panel.overflow()).toBe(0);

  const history = await historyOf(panel, MADONNA);
  await history.getByText("At the dentist.").waitFor();
  await history.getByText(panel.word("results.causes.correction")).first().waitFor();
  expect(await panel.barriers()).toEqual([]);
}
