import { describe, expect, test } from "vitest";

import { addFaces } from "./feed";
import type { Outcome, Result } from "./frames";

function result(frame: string, second: number, faces: [Outcome, string | null][]): Result {
  return {
    frame_id: frame,
    decided_at: `2026-09-01T08:00:${String(second).padStart(2, "0")}Z`,
    sightings: faces.map(([outcome, person], index) => ({
      face_index: index,
      outcome,
      person_id: person,
      detection_score: 1,
      box: { x_min: 0, y_min: 0, x_max: 1, y_max: 1 },
    })),
    people: faces.flatMap(([, person]) => (person ? [{ person_id: person, external_id: person, name: person }] : [])),
  };
}

describe("the faces that were seen", () => {
  test("the newest is first, and whoever is marked already is none", () => {
    const one = addFaces([], result("f1", 0, [["present", "ada"], ["already", "bob"]]));
    const two = addFaces(one.faces, result("f2", 1, [["unknown", null]]));
    expect(two.faces.map((face) => face.outcome)).toEqual(["unknown", "present"]);
    expect([...two.touched.keys()]).toEqual(["f2 0"]);
  });

  test("the same person, and a stranger who stays, are one line", () => {
    let faces = addFaces([], result("f1", 0, [["likely", "ada"], ["unknown", null]])).faces;
    faces = addFaces(faces, result("f2", 5, [["unknown", null], ["likely", "ada"]])).faces;
    expect(faces.map((face) => [face.outcome, face.times, face.frameId])).toEqual([["likely", 2, "f2"], ["unknown", 2, "f2"]]);
  });

  test("a stranger later is another line", () => {
    const faces = addFaces([], result("f1", 0, [["unknown", null]])).faces;
    expect(addFaces(faces, result("f2", 11, [["unknown", null]])).faces).toHaveLength(2);
  });
});
