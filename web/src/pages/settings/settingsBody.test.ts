import { expect, test } from "vitest";

import { changed, isShorter, read, typed } from "./settingsBody";

const forever = { photos_days: null, attendance_days: null, logs_days: null };

test("what is not changed is sent as it is", () => {
  const settings = { consent_required: true, members_may_enroll: false, retention: { ...forever, logs_days: 90 } };
  expect(changed(settings, { members_may_enroll: true })).toEqual({ ...settings, members_may_enroll: true });
});

test("days are read as they were written", () => {
  const retention = { photos_days: 30, attendance_days: null, logs_days: 90 };
  expect(read(typed(retention))).toEqual(retention);
  expect(read({ photos_days: " ", attendance_days: "", logs_days: "1" })).toEqual({ ...forever, logs_days: 1 });
});

test.each([
  [null, 30, true],
  [30, 31, false],
  [30, 29, true],
  [30, null, false],
  [null, null, false],
])("from %s days to %s is shorter: %s", (before, after, shorter) => {
  expect(isShorter({ ...forever, logs_days: before }, { ...forever, logs_days: after })).toBe(shorter);
});
