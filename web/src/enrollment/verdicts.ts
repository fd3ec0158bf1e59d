// What became of enrollments and their photos.

import type { Enrollment } from "./source";

export interface FieldLike {
  pointer: string;
  code: string;
  detail: string;
}

/** How many photos of an enrollment were accepted, of how many. */
export function tally(enrollment: Pick<Enrollment, "photos">): { accepted: number; total: number } {
  return {
    accepted: enrollment.photos.filter((photo) => photo.state === "accepted").length,
    total: enrollment.photos.length,
  };
}
