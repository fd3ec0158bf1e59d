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
/// Delete a person.
pub(crate) struct DeletePeople;
/// Give a person's face to the system.
pub(crate) struct EnrollFaces;
/// Say whether two people who look the same are one.
pub(crate) struct JudgeDuplicates;
/// Make courses and change their rosters.
pub(crate) struct ManageCourses;
/// Plan, start and close sessions.
pub(crate) struct RunSessions;
/// Send frames to a session.
pub(crate) struct SendFrames;
/// See attendance and sightings, as lists or live.
pub(crate) struct SeeAttendance;
/// Say that a face is not the person's whom it was taken for.
pub(crate) struct RejectMatches;
/// Say how somebody stands in a session, and take that back.
pub(crate) struct MarkAttendance;
/// Give people the number that they check in with at a kiosk.
pub(crate) struct SetPins;
/// Make and revoke camera keys.
pub(crate) struct ManageCameras;

impl Permission for SeeDirectory {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for RegisterPeople {
    const ROLES: &'static [Role] = STAFF;
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

impl Permission for RunSessions {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for SendFrames {
    const ROLES: &'static [Role] = STAFF;
}

impl Permission for SeeAttendance {
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
