// What became of enrollments and their photos.

import type { Enrollment } from "./source";

export interface FieldLike {
  pointer: string;
  code: string;
  detail: string;
}

export interface Accepted {
  count: number;
  best: number | null;
  /** When the last of them was taken on. */
  last: string | null;
}

/** The photos that completed enrollments were made with. */
export function acceptedPhotos(enrollments: readonly Enrollment[]): Accepted {
  const completed = enrollments.filter((enrollment) => enrollment.state === "completed");
  const photos = completed.flatMap((enrollment) => enrollment.photos.filter((photo) => photo.state === "accepted"));
  const qualities = photos.flatMap((photo) => photo.quality ?? []);
  const times = completed.flatMap((enrollment) => enrollment.finished_at ?? []).sort();
  return {
    count: photos.length,
    best: qualities.length > 0 ? Math.max(...qualities) : null,
    last: times.at(-1) ?? null,
  };
}

/** How many photos of an enrollment were accepted, of how many. */
export function tally(enrollment: Pick<Enrollment, "photos">): { accepted: number; total: number } {
  return {
    accepted: enrollment.photos.filter((photo) => photo.state === "accepted").length,
    total: enrollment.photos.length,
  };
}
