//! Whether a log is what was written.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::audit::{AuditEntry, BrokenChain, FIRST};
use domain::id::OrganizationId;

use super::{Row, read_hash, scope};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::audit_entries;

/// Entries that are read at once.
const PAGE: i64 = 1000;
/// Problems that are listed; the others are counted.
const LISTED: usize = 100;

/// What reading a whole log came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How many entries there are.
    pub entries: u64,
    /// Number and hash of the last entry (0 and [`FIRST`] where there is none): whoever keeps them elsewhere can tell
    /// later whether the end of the log was cut off.
    pub last: (i64, [u8; 32]),
    /// What is wrong, the first hundred; empty when nothing is.
    pub problems: Vec<BrokenChain>,
    /// How many things are wrong.
    pub broken: u64,
}

/// Reads the whole log, a page at a time, and checks that each entry follows the one before. `known` are entries, by number
/// and hash, of which the caller knows that they were written; they must be there too.
///
/// # Errors
/// Only those of the database. An entry that cannot be read counts as changed.
pub async fn verify(
    conn: &mut Conn,
    organization: Option<OrganizationId>,
    known: &[(i64, [u8; 32])],
) -> Result<Verification, StoreError> {
    let mut found = Verification { entries: 0, last: (0, FIRST), problems: Vec::new(), broken: 0 };
    let mut known = known.to_vec();
    known.sort_unstable();
    let mut known = known.into_iter().peekable();
    loop {
        let rows: Vec<Row> = audit_entries::table
            .filter(audit_entries::scope.eq(scope(organization)))
            .filter(audit_entries::sequence.gt(found.last.0))
            .order(audit_entries::sequence)
            .limit(PAGE)
            .select(Row::as_select())
            .load(conn)
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            found.entries += 1;
            let (sequence, written) = (row.sequence, read_hash(&row.hash).unwrap_or(FIRST));
            let Ok(entry) = AuditEntry::try_from(row) else {
                found.note(BrokenChain::Changed { sequence });
                found.last = (sequence, written);
                continue;
            };
            if let Err(problem) = entry.check_follows((found.last.0, &found.last.1)) {
                found.note(problem);
            }
            while let Some((_, hash)) = known.next_if(|(number, _)| *number <= sequence) {
                if hash != entry.hash {
                    found.note(BrokenChain::Changed { sequence });
                }
            }
            found.last = (sequence, entry.hash);
        }
    }
    if let Some((number, _)) = known.last() {
        found.note(BrokenChain::CutOff { last: found.last.0, known: number });
    }
    Ok(found)
}

impl Verification {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.broken == 0
    }

    fn note(&mut self, problem: BrokenChain) {
        self.broken += 1;
        if self.problems.len() < LISTED {
            self.problems.push(problem);
        }
    }
}
