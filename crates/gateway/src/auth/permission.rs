//! The permission matrix: one type per permission, and the roles that have it.

use domain::user::Role;

/// Something that only some roles may do.
pub(crate) trait Permission: 'static {
    /// Those that may.
    const ROLES: &'static [Role];
}

const ADMIN: &[Role] = &[Role::Admin];
const STAFF: &[Role] = &[Role::Admin, Role::Teacher];

/// See people, courses, rosters, sessions and enrollments.
pub(crate) struct SeeDirectory;
/// Register a person.
pub(crate) struct RegisterPeople;
/// Change what is known of a person.
pub(crate) struct ChangePeople;
/// Write down that somebody consents, or does so no more.
pub(crate) struct RecordConsents;
/// Register and change many people at once, from a file.
pub(crate) struct ImportPeople;
/// Delete a person.
pub(crate) struct DeletePeople;
/// Give a person's face to the system.
pub(crate) struct EnrollFaces;
/// Say whether two people who look the same are one.
pub(crate) struct JudgeDuplicates;
/// Make courses and say who teaches them.
pub(crate) struct ManageCourses;
/// Change a course, its roster, its policy and its timetable: to be followed by [`Allowed::require_course`], since teachers
/// may only where they teach.
///
/// [`Allowed::require_course`]: crate::auth::access::Allowed::require_course
pub(crate) struct TeachCourses;
/// Say on which days no series meets.
pub(crate) struct ManageHolidays;
/// Plan, start and close sessions.
pub(crate) struct RunSessions;
/// Send frames to a session.
pub(crate) struct SendFrames;
/// See attendance and sightings, as lists or live.
pub(crate) struct SeeAttendance;
/// See how often people come, and take attendance away in files.
pub(crate) struct SeeReports;
/// Say that a face is not the person's whom it was taken for.
pub(crate) struct RejectMatches;
/// Say how somebody stands in a session, and take that back.
pub(crate) struct MarkAttendance;
/// Give people the number that they check in with at a kiosk.
pub(crate) struct SetPins;
/// Make and revoke camera keys.
pub(crate) struct ManageCameras;
/// See what was changed by whom.
pub(crate) struct SeeAuditLog;
/// Erase a person for good, judge requests for it, and see the receipts.
pub(crate) struct ErasePeople;
/// See how an organization's people are indexed, and have the indexes built anew.
pub(crate) struct ManageIndexes;
/// Make, change and delete users.
pub(crate) struct ManageUsers;

impl Permission for SeeDirectory {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for RegisterPeople {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for ChangePeople {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for RecordConsents {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for ImportPeople {
    const ROLES: &'static [Role] = ADMIN;
}

impl Permission for DeletePeople {
    const ROLES: &'static [Role] = ADMIN;
}

impl Permission for EnrollFaces {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for JudgeDuplicates {
    const ROLES: &'static [Role] = ADMIN;
}

impl Permission for ManageCourses {
    const ROLES: &'static [Role] = ADMIN;
}

impl Permission for TeachCourses {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for ManageHolidays {
    const ROLES: &'static [Role] = ADMIN;
}

impl Permission for RunSessions {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for SendFrames {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for SeeAttendance {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for SeeReports {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for RejectMatches {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for MarkAttendance {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for SetPins {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for ManageCameras {
    const ROLES: &'static [Role] = ADMIN;
}

impl Permission for SeeAuditLog {
    const ROLES: &'static [Role] = ADMIN;
}

impl Permission for ErasePeople {
    const ROLES: &'static [Role] = ADMIN;
}

impl Permission for ManageIndexes {
    const ROLES: &'static [Role] = ADMIN;
}

impl Permission for ManageUsers {
    const ROLES: &'static [Role] = ADMIN;
}
