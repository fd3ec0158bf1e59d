// What is said of the faces that were seen, the newest first. The same somebody again is the same line, not a new one.

import type { Outcome, PersonLabel, Result, Sighting } from "./frames";

export interface Face {
  key: string;
  frameId: string;
  faceIndex: number;
  outcome: Outcome;
  person: PersonLabel | null;
  cameraId: string | null;
  /** When it was seen last. */
  at: string;
  times: number;
  falseMatchRate: number | null;
  quality: number | null;
}

const MOST = 30;
/** How long a stranger is taken for the same one, in milliseconds: nobody can tell strangers apart here. */
const SAME_STRANGER = 10_000;

function same(face: Face, outcome: Outcome, person: PersonLabel | null, cameraId: string | null, at: string): boolean {
  if (face.outcome !== outcome || face.person?.person_id !== person?.person_id) return false;
  return person !== null || (face.cameraId === cameraId && Math.abs(Date.parse(at) - Date.parse(face.at)) < SAME_STRANGER);
}

/** The lines after this result, and those of them that are new or whose face is. */
export function addFaces(before: readonly Face[], result: Result): { faces: Face[]; touched: Map<string, Sighting> } {
  const touched = new Map<string, Sighting>();
  const cameraId = result.camera_id ?? null;
  let faces = [...before];
  for (const sighting of result.sightings) {
    // Whoever is marked already is in the list of those who are there.
    if (sighting.outcome === "already") continue;
    const person = result.people.find((one) => one.person_id === sighting.person_id) ?? null;
    const known = faces.find((face) => same(face, sighting.outcome, person, cameraId, result.decided_at));
    const face: Face = {
      key: known?.key ?? `${result.frame_id} ${sighting.face_index}`,
      frameId: result.frame_id,
      faceIndex: sighting.face_index,
      outcome: sighting.outcome,
      person,
      cameraId,
      at: result.decided_at,
      times: (known?.times ?? 0) + 1,
      falseMatchRate: sighting.false_match_rate ?? null,
      quality: sighting.quality ?? null,
    };
    touched.set(face.key, sighting);
    faces = [face, ...faces.filter((one) => one.key !== face.key)];
  }
  return { faces: faces.slice(0, MOST), touched };
}
