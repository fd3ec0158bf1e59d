//! Who logs in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{LoginId, OrganizationId, PersonId, UserId};

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything in its organization, or in all of them when it belongs to none.
    Admin,
    /// Registers people, runs sessions, sees their attendance.
    Teacher,
    /// Sees its own record.
    Member,
}

/// Someone who logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The organization that it is confined to; `None` for an administrator of the installation.
    pub organization_id: Option<OrganizationId>,
    /// Login name, unique in the installation, lower case.
    pub email: String,
    /// What it may do.
    pub role: Role,
    /// The person that it is, where it is one whose attendance is taken.
    pub person_id: Option<PersonId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Someone who logs in, and whether they may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub user: User,
    /// Since when they may not log in; `None` when they may.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Whether nothing is open to them but choosing another password.
    pub must_change_password: bool,
}

/// One time that somebody logged in, with all the tokens that follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Login {
    /// Its id.
    pub id: LoginId,
    /// Who logged in.
    pub user_id: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Fewest characters of a password.
pub const SHORTEST_PASSWORD: usize = 12;
/// Most bytes of a password: what bcrypt can tell apart, which sees 72 with the zero that it puts at the end.
pub const LONGEST_PASSWORD: usize = 71;

/// Why a password cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordProblem {
    /// It has fewer than [`SHORTEST_PASSWORD`] characters.
    #[error("must have at least {SHORTEST_PASSWORD} characters")]
    TooShort,
    /// It has more than [`LONGEST_PASSWORD`] bytes.
    #[error("must have at most {LONGEST_PASSWORD} bytes")]
    TooLong,
}

/// Checks that a password is neither short nor cut off. What it is made of is nobody's business (NIST SP 800-63B, 3.1.1.2).
///
/// # Errors
/// [`PasswordProblem`] says what is wrong.
pub fn check_password(password: &str) -> Result<(), PasswordProblem> {
    if password.chars().count() < SHORTEST_PASSWORD {
        Err(PasswordProblem::TooShort)
    } else if password.len() > LONGEST_PASSWORD {
        Err(PasswordProblem::TooLong)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{PasswordProblem, check_password};

    #[test]
    fn passwords_are_neither_short_nor_cut_off() {
        for good in ["correct horse", "äöüäöüäöüäöü", &"x".repeat(71)] {
            assert_eq!(check_password(good), Ok(()), "{good}");
        }
        for short in ["", "elevenchars"] {
            assert_eq!(check_password(short), Err(PasswordProblem::TooShort), "{short}");
        }
        for long in ["x".repeat(72), "ä".repeat(36)] {
            assert_eq!(check_password(&long), Err(PasswordProblem::TooLong), "{long}");
        }
    }
}
