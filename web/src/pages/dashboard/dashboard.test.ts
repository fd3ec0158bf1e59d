import { expect, test } from "vitest";

import { counted, countedPeople, waitingEnrollments } from "./counted";
import { type Session, inOrder } from "./queries";
import { type Found, steps } from "./steps";

const session = (id: string, state: Session["state"], starts_at: string) => ({ id, state, starts_at });

test("what goes on comes first, and each session once", () => {
  const [early, late] = ["2026-11-21T08:00:00Z", "2026-11-21T09:00:00Z"];
  const all = [session("over", "closed", early), session("now", "active", late), session("later", "scheduled", late)];
  expect(inOrder([...all, session("now", "active", late), session("soon", "scheduled", early)]).map((one) => one.id)).toEqual([
    "now",
    "soon",
    "later",
    "over",
  ]);
});

test("a page that is not the last says that there are more", () => {
  const number = String;
  expect(counted({ items: [1, 2], next: null }, number)).toBe("2");
  expect(counted({ items: [1, 2], next: "on" }, number)).toBe("2+");
  expect(counted(undefined, number)).toBe("–");
  expect(countedPeople({ items: [{ person_id: "a" }, { person_id: "a" }], next: null }, number)).toBe("1");
});

test.each<[Found, string[], string | undefined]>([
  [{ people: false, faces: false, courses: false, started: false, marks: false }, [], "people"],
  [{ people: true, faces: false, courses: true, started: false, marks: false }, ["people", "course"], "faces"],
  [{ people: true, faces: true, courses: true, started: true, marks: true }, ["people", "faces", "course", "session", "mark"], undefined],
])("of %o %o is done and %s is next", (found, done, next) => {
  const all = steps(found);
  expect(all.flatMap((step) => (step.isDone ? [step.name] : []))).toEqual(done);
  expect(all.find((step) => step.isNext)?.name).toBe(next);
});

test("what waits for a decision is shown before what waits for a worker", () => {
  const page = (items: unknown[]) => ({ items, next: null });
  expect(waitingEnrollments({ pending: page([1]), suspected: page([2, 3]) }, String)).toEqual({ value: "3", to: "/enrollments" });
  expect(waitingEnrollments({ pending: page([1]), suspected: page([]) }, String)).toEqual({ value: "1", to: "/enrollments?state=pending" });
  expect(waitingEnrollments(undefined, String).value).toBe("–");
});
