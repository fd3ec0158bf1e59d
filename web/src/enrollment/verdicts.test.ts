import { expect, test } from "vitest";

import type { Enrollment, PhotoStatus } from "./source";
import { acceptedPhotos, tally } from "./verdicts";

function photo(state: PhotoStatus["state"], quality: number | null = null): PhotoStatus {
  return { id: "x", file_name: "x.jpg", state, quality };
}

function enrollment(state: Enrollment["state"], photos: PhotoStatus[], finished_at: string | null = null): Enrollment {
  return { id: "e", person_id: "p", created_at: "2026-01-01T00:00:00Z", distinct_confirmed: false, state, photos, finished_at };
}

test("only accepted photos of completed enrollments count", () => {
  const all = [
    enrollment("completed", [photo("accepted", 60), photo("rejected", 90)], "2026-02-01T00:00:00Z"),
    enrollment("failed", [photo("accepted", 99)], "2026-05-01T00:00:00Z"),
    enrollment("completed", [photo("accepted", 80)], "2026-03-01T00:00:00Z"),
  ];
  expect(acceptedPhotos(all)).toEqual({ count: 2, best: 80, last: "2026-03-01T00:00:00Z" });
  expect(acceptedPhotos([])).toEqual({ count: 0, best: null, last: null });
});

test("a tally tells accepted of all", () => {
  expect(tally(enrollment("completed", [photo("accepted"), photo("rejected"), photo("pending")]))).toEqual({ accepted: 1, total: 3 });
});
