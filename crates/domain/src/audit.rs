//! The audit log: who changed what, each entry hashed over the one before, so that none can be changed, left out or put
//! in between without all later hashes being wrong.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::id::{CameraId, OrganizationId, UserId};

/// Who changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum AuditActor {
    /// Somebody who is logged in.
    User(UserId),
    /// A camera or kiosk, by its key.
    Camera(CameraId),
    /// Whoever ran `rollcall` on a machine of the installation.
    Command,
    /// The scheduler, by itself.
    Scheduler,
    /// A worker, by itself.
    Worker,
    /// Nobody that we know, such as one who tried to log in.
    Anonymous,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum AuditAction {
    OrganizationCreated,
    OrganizationUpdated,
    OrganizationSettingsChanged,
    RecognitionPolicyChanged,
    UserCreated,
    UserUpdated,
    UserDisabled,
    UserEnabled,
    UserDeleted,
    UserLoggedIn,
    UserLoggedOut,
    UserLockedOut,
    PasswordChanged,
    PasswordReset,
    SessionFamilyRevoked,
    CameraCreated,
    CameraRevoked,
    PersonCreated,
    PersonUpdated,
    PersonDeleted,
    PersonErased,
    ErasureRequested,
    ErasureRequestDeclined,
    PeopleImported,
    ConsentGiven,
    ConsentWithdrawn,
    EnrollmentCreated,
    EnrollmentConfirmedDistinct,
    EnrollmentDismissed,
    GuidedCaptureCreated,
    TemplatesErased,
    CourseCreated,
    CourseUpdated,
    CoursePolicyChanged,
    CourseTeacherAdded,
    CourseTeacherRemoved,
    RosterAdded,
    RosterRemoved,
    SeriesCreated,
    SeriesUpdated,
    SeriesDeleted,
    HolidayAdded,
    HolidayRemoved,
    SessionCreated,
    SessionUpdated,
    SessionCancelled,
    SessionStarted,
    SessionClosed,
    ClassPhotoCreated,
    AttendanceMarked,
    AttendanceCorrected,
    AttendanceVoided,
    MatchRejected,
    MatchRejectionUndone,
    CheckedIn,
    CheckedOut,
    PinSet,
    PinRemoved,
    RetentionApplied,
    KeysRotated,
    ContractChanged,
    IndexRebuildRequested,
    DeadLetterRetried,
    DeadLetterDiscarded,
    DataExported,
}

/// Something to be written into the log. It names ids, never names of people.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAuditEntry {
    /// The organization; `None` for what belongs to none.
    pub organization_id: Option<OrganizationId>,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: AuditActor,
    /// What.
    pub action: AuditAction,
    /// The row that was changed, where it was one.
    pub subject_id: Option<Uuid>,
    /// What else is worth knowing; `{}` where nothing is.
    pub details: serde_json::Value,
    /// The request, where it was one.
    pub request_id: Option<String>,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// The organization; `None` for what belongs to none.
    pub organization_id: Option<OrganizationId>,
    /// Its place in the organization's log, from 1, without gaps.
    pub sequence: i64,
    /// When, to the microsecond.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: AuditActor,
    /// What; text, since older programs read newer entries.
    pub action: String,
    /// The row that was changed.
    pub subject_id: Option<Uuid>,
    /// JSON, as it was hashed.
    pub details: String,
    /// The request.
    pub request_id: Option<String>,
    /// Over this entry and the hash of the one before.
    pub hash: [u8; 32],
}

/// What the first entry of a log has instead of the hash of the one before.
pub const FIRST: [u8; 32] = [0; 32];

/// Why a log is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// An entry is missing.
    #[error("entry {expected} is missing: entry {found} follows")]
    Gap {
        /// The number that should follow.
        expected: i64,
        /// The number that does.
        found: i64,
    },
    /// An entry, or one before it, was changed.
    #[error("entry {sequence} is not what was written")]
    Changed {
        /// Which one.
        sequence: i64,
    },
    /// The log ends before an entry that is known to have been written.
    #[error("the log ends with entry {last}, but entry {known} was written")]
    CutOff {
        /// The number of the last entry; 0 where there is none.
        last: i64,
        /// The number of the entry that is known.
        known: i64,
    },
}

impl AuditEntry {
    /// The hash that an entry with these contents has after one with the hash `previous`: SHA-256 over `previous` and the
    /// JSON array of organization, sequence, time in microseconds since 1970, actor, action, subject, details and request.
    #[must_use]
    pub fn expected_hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        let content = serde_json::to_vec(&(
            self.organization_id,
            self.sequence,
            self.at.timestamp_micros(),
            self.actor,
            &self.action,
            self.subject_id,
            &self.details,
            &self.request_id,
        ))
        .expect("ids, numbers and texts are JSON");
        Sha256::new().chain_update(previous).chain_update(content).finalize().into()
    }

    /// Checks that this entry follows the one with the number and hash `previous` (0 and [`FIRST`] for the first).
    ///
    /// # Errors
    /// [`BrokenChain`] says what is wrong.
    pub fn check_follows(&self, previous: (i64, &[u8; 32])) -> Result<(), BrokenChain> {
        let (number, hash) = previous;
        if self.sequence != number + 1 {
            return Err(BrokenChain::Gap { expected: number + 1, found: self.sequence });
        }
        if self.expected_hash(hash) == self.hash {
            Ok(())
        } else {
            Err(BrokenChain::Changed { sequence: self.sequence })
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;

    use super::{AuditActor, AuditEntry, BrokenChain, FIRST};
    use crate::id::Id;

    fn chain(details: &[String]) -> Vec<AuditEntry> {
        let (organization, user) = (Id::new(), Id::new());
        let mut previous = FIRST;
        let mut entries = Vec::new();
        for (details, sequence) in details.iter().zip(1..) {
            let mut entry = AuditEntry {
                organization_id: Some(organization),
                sequence,
                at: DateTime::<Utc>::from_timestamp_micros(sequence * 1_000_001).expect("a time"),
                actor: AuditActor::User(user),
                action: "person_created".to_owned(),
                subject_id: None,
                details: details.clone(),
                request_id: None,
                hash: FIRST,
            };
            entry.hash = entry.expected_hash(&previous);
            previous = entry.hash;
            entries.push(entry);
        }
        entries
    }

    fn verify(entries: &[AuditEntry]) -> Result<(), BrokenChain> {
        let mut previous = (0, FIRST);
        for entry in entries {
            entry.check_follows((previous.0, &previous.1))?;
            previous = (entry.sequence, entry.hash);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn whatever_is_done_to_a_log_shows(
            details in prop::collection::vec(".{0,20}", 2..8), at: prop::sample::Index, other in ".{0,20}", how in 0..4,
        ) {
            let entries = chain(&details);
            prop_assert_eq!(verify(&entries), Ok(()));
            let at = at.index(entries.len() - 1);
            let mut changed = entries.clone();
            match how {
                0 => { changed.remove(at); }
                1 => changed.swap(at, at + 1),
                2 => changed[at].at += chrono::TimeDelta::microseconds(1),
                _ => {
                    prop_assume!(changed[at].details != other);
                    changed[at].details = other;
                    // Hashing it anew helps only until the next entry.
                    let before = at.checked_sub(1).map_or(FIRST, |before| entries[before].hash);
                    changed[at].hash = changed[at].expected_hash(&before);
                }
            }
            prop_assert!(verify(&changed).is_err());
        }
    }
}
