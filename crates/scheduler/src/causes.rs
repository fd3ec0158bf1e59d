//! Why an index is to be built: which organizations and contracts there is something to do for.

use chrono::{DateTime, Utc};
use domain::contract::ContractId;
use domain::id::OrganizationId;
use domain::index::{BuildCause, BuildState};
use domain::organization::Organization;
use store::Conn;
use store::index_builds::{self, IndexBuild};

use crate::calendar::Calendar;
use crate::error::SchedulerError;
use crate::indexes::{HISTORY, PAUSE};
use crate::shelf::{Shelf, Subject};

const ORGANIZATIONS: i64 = 100;
/// So often in a row a build is begun again at once.
const AT_ONCE: usize = 3;

/// The oldest wish that may be seen to.
pub(crate) async fn wanted(
    conn: &mut Conn,
    now: DateTime<Utc>,
) -> Result<Option<(BuildCause, Subject)>, SchedulerError> {
    for IndexBuild { organization_id, contract, cause, .. } in index_builds::waiting(conn).await? {
        let subject = Subject { organization_id, contract };
        if may_begin(conn, &subject, now).await? {
            return Ok(Some((cause, subject)));
        }
    }
    Ok(None)
}

/// Those whose night has come.
pub(crate) async fn nightly(
    conn: &mut Conn,
    calendar: &Calendar,
    now: DateTime<Utc>,
) -> Result<Vec<Subject>, SchedulerError> {
    let mut due = Vec::new();
    let mut after = None;
    loop {
        let page = store::organizations::list(conn, after, ORGANIZATIONS).await?;
        let Some(last) = page.last() else { return Ok(due) };
        after = Some(last.id.uuid());
        for organization in &page {
            let subjects = subjects_of(conn, organization).await?;
            due.extend(
                subjects.into_iter().filter(|(_, done)| calendar.is_due(*done, now)).map(|(subject, _)| subject),
            );
        }
    }
}

/// Those that have outgrown their snapshot, or have become many without one.
pub(crate) async fn growth(conn: &mut Conn, shelf: &Shelf) -> Result<Vec<Subject>, SchedulerError> {
    let outgrown = store::index_versions::outgrown(conn, shelf.folder.gallery()).await?;
    Ok(outgrown.into_iter().map(subject).collect())
}

/// Those with a snapshot that should be no more: it holds somebody who is gone, or is sealed with an earlier key.
pub(crate) async fn removals(conn: &mut Conn, shelf: &Shelf) -> Result<Vec<Subject>, SchedulerError> {
    let outlived = store::index_versions::outlived(conn, shelf.sealer.fingerprint()).await?;
    Ok(outlived.into_iter().map(subject).collect())
}

fn subject((organization_id, contract): (OrganizationId, ContractId)) -> Subject {
    Subject { organization_id, contract }
}

/// What there is to build of an organization, and when it was last built, or found to hold everything. What was never
/// built counts as built when its organization was made, so that it waits for its first night.
async fn subjects_of(
    conn: &mut Conn,
    organization: &Organization,
) -> Result<Vec<(Subject, DateTime<Utc>)>, SchedulerError> {
    let mut contracts = store::templates::contracts(conn, organization.id).await?;
    contracts.extend(store::index_versions::contracts(conn, organization.id).await?);
    contracts.sort();
    contracts.dedup();
    let latest = index_builds::latest(conn, organization.id).await?;
    let mut subjects = Vec::new();
    for contract in contracts {
        let newest = store::index_versions::newest(conn, organization.id, &contract).await?;
        let unchanged = latest.iter().find(|b| b.contract == contract && b.state == BuildState::Unchanged);
        let looked_at = unchanged.and_then(|build| build.started_at);
        let done = newest.map(|version| version.created_at).max(looked_at).unwrap_or(organization.created_at);
        subjects.push((Subject { organization_id: organization.id, contract }, done));
    }
    Ok(subjects)
}

/// Whether a build may begin. One that was broken off again and again may be what breaks its scheduler.
pub(crate) async fn may_begin(conn: &mut Conn, subject: &Subject, now: DateTime<Utc>) -> Result<bool, SchedulerError> {
    let all = index_builds::list(conn, subject.organization_id, HISTORY).await?;
    let over = all.iter().filter(|build| build.contract == subject.contract && build.state.is_over());
    let last: Vec<&IndexBuild> = over.take(AT_ONCE).collect();
    let is_broken = last.len() == AT_ONCE && last.iter().all(|build| build.state == BuildState::Interrupted);
    let ended_at = last.first().and_then(|build| build.ended_at);
    Ok(!is_broken || ended_at.is_none_or(|ended_at| now >= ended_at + PAUSE))
}
