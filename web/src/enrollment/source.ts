// Enrolling a person as staff do it, or one's own face as members do: the same at other addresses.

import { api, data } from "../api/client";
import { multipart, picture } from "../api/multipart";
import type { components } from "../api/schema";

export type Enrollment = components["schemas"]["Enrollment"];
export type PhotoStatus = components["schemas"]["PhotoStatus"];
export type Capture = components["schemas"]["Capture"];

export interface EnrollmentSource {
  upload: (photos: readonly File[], idempotencyKey: string) => Promise<Enrollment>;
  show: (id: string) => Promise<Enrollment>;
  beginCapture: () => Promise<Capture>;
  showCapture: (id: string) => Promise<Capture>;
  /** Sends one frame; answers how the capture stands, once the frame was looked at or after three seconds. */
  look: (id: string, jpeg: Blob) => Promise<Capture>;
}

const WAIT = 3;

function form(photos: readonly File[]) {
  return multipart<components["schemas"]["Photos"]>(photos.map((photo) => ["photos", photo] as const));
}

export function staffSource(personId: string): EnrollmentSource {
  const path = { person_id: personId };
  return {
    upload: (photos, key) =>
      data(
        api.POST("/api/v1/people/{person_id}/enrollments", {
          params: { path, header: { "Idempotency-Key": key } },
          ...form(photos),
        }),
      ),
    show: (id) => data(api.GET("/api/v1/enrollments/{enrollment_id}", { params: { path: { enrollment_id: id } } })),
    beginCapture: () => data(api.POST("/api/v1/people/{person_id}/guided-captures", { params: { path } })),
    showCapture: (id) =>
      data(api.GET("/api/v1/guided-captures/{guided_capture_id}", { params: { path: { guided_capture_id: id } } })),
    look: (id, jpeg) =>
      data(
        api.POST("/api/v1/guided-captures/{guided_capture_id}/frames", {
          params: { path: { guided_capture_id: id }, query: { wait: WAIT } },
          ...picture(jpeg),
        }),
      ),
  };
}

export const OWN_SOURCE: EnrollmentSource = {
  upload: (photos, key) =>
    data(api.POST("/api/v1/users/me/enrollments", { params: { header: { "Idempotency-Key": key } }, ...form(photos) })),
  show: (id) => data(api.GET("/api/v1/users/me/enrollments/{enrollment_id}", { params: { path: { enrollment_id: id } } })),
  beginCapture: () => data(api.POST("/api/v1/users/me/guided-captures")),
  showCapture: (id) =>
    data(api.GET("/api/v1/users/me/guided-captures/{guided_capture_id}", { params: { path: { guided_capture_id: id } } })),
  look: (id, jpeg) =>
    data(
      api.POST("/api/v1/users/me/guided-captures/{guided_capture_id}/frames", {
        params: { path: { guided_capture_id: id }, query: { wait: WAIT } },
        ...picture(jpeg),
      }),
    ),
};
