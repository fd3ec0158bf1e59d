import { expect, test } from "vitest";

import type { Enrollment, PhotoStatus } from "./source";
import { tally } from "./verdicts";

function photo(state: PhotoStatus["state"], quality: number | null = null): PhotoStatus {
  return { id: "x", file_name: "x.jpg", state, quality };
}

function enrollment(state: Enrollment["state"], photos: PhotoStatus[], finished_at: string | null = null): Enrollment {
  return { id: "e", person_id: "p", created_at: "2026-01-01T00:00:00Z", distinct_confirmed: false, state, photos, finished_at };
}

test("a tally tells accepted of all", () => {
  expect(tally(enrollment("completed", [photo("accepted"), photo("rejected"), photo("pending")]))).toEqual({ accepted: 1, total: 3 });
});
