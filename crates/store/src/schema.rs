//! The tables of `migrations/`, as Diesel sees them. A test compares them with a migrated database.

mod access;
mod faces;
mod records;
mod teaching;

pub(crate) use access::*;
pub(crate) use faces::*;
pub(crate) use records::*;
pub(crate) use teaching::*;

diesel::allow_tables_to_appear_in_same_query!(
    organizations,
    users,
    logins,
    refresh_tokens,
    people,
    consents,
    courses,
    course_teachers,
    roster_entries,
    roster_periods,
    cameras,
    sessions,
    series,
    series_skips,
    holidays,
    enrollments,
    enrollment_photos,
    templates,
    template_changes,
    sightings,
    attendance,
    attendance_events,
    attendance_changes,
    person_pins,
    pin_failures,
    check_in_devices,
    class_photos,
    guided_captures,
    guided_poses,
    person_keys,
    rejections,
    sighting_faces,
    index_versions,
    index_builds,
    idempotency_keys,
);
