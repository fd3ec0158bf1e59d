//! Builds of global indexes: those that were asked for, the one that runs, and what became of the others.
//!
//! Whoever wants a build leaves a row that waits; the scheduler that holds the lock of the builders begins it, tells of its
//! progress and ends it. A row that runs while nobody holds that lock was interrupted.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::upsert::excluded;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::contract::ContractId;
use domain::id::OrganizationId;
use domain::index::{BuildCause, BuildStage, BuildState};
use uuid::Uuid;

use crate::column::{moment, text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::index_builds;

/// One build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexBuild {
    /// Its id; later ones sort later.
    pub id: Uuid,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The contract of its templates.
    pub contract: ContractId,
    /// Why it is made.
    pub cause: BuildCause,
    /// Where it is in its life.
    pub state: BuildState,
    /// What it does, or did last.
    pub stage: Option<BuildStage>,
    /// How far the stage has come.
    pub templates_done: i64,
    /// How far it has to come; 0 when it cannot be said.
    pub templates_total: i64,
    /// Why it failed.
    pub problem: Option<String>,
    /// The snapshot that it made, which may have been given up since.
    pub version_id: Option<Uuid>,
    /// When it was asked for; of one that nobody asked for, when it was begun.
    pub requested_at: DateTime<Utc>,
    /// When it was begun.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
    /// When anything was last told of it.
    pub updated_at: DateTime<Utc>,
}

/// Asks for a build, and answers with it: where one of the organization and contract waits already, with that one.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such organization.
pub async fn request(
    conn: &mut Conn,
    organization: OrganizationId,
    contract: &ContractId,
    cause: BuildCause,
    now: DateTime<Utc>,
) -> Result<IndexBuild, StoreError> {
    let now = moment(now);
    let row: Row = diesel::insert_into(index_builds::table)
        .values((
            index_builds::id.eq(Uuid::now_v7()),
            index_builds::organization_id.eq(organization.uuid()),
            index_builds::contract.eq(contract.as_str()),
            index_builds::cause.eq(text(cause)),
            index_builds::state.eq(text(BuildState::Waiting)),
            index_builds::requested_at.eq(now),
            index_builds::updated_at.eq(now),
        ))
        .on_conflict((index_builds::organization_id, index_builds::contract))
        .filter_target(sql::<Bool>("state = 'waiting'"))
        .do_update()
        .set(index_builds::updated_at.eq(excluded(index_builds::updated_at)))
        .returning(Row::as_returning())
        .get_result(conn)
        .await?;
    row.try_into()
}

/// The builds of all organizations that wait, the oldest first.
///
/// # Errors
/// Only those of the database.
pub async fn waiting(conn: &mut Conn) -> Result<Vec<IndexBuild>, StoreError> {
    let rows: Vec<Row> = index_builds::table
        .filter(index_builds::ended_at.is_null())
        .filter(index_builds::state.eq(text(BuildState::Waiting)))
        .order((index_builds::requested_at, index_builds::id))
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Begins a build: the one of the organization and contract that waits, with the cause that it has, or else a new one
/// with this cause.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such organization.
pub async fn begin(
    conn: &mut Conn,
    organization: OrganizationId,
    contract: &ContractId,
    cause: BuildCause,
    now: DateTime<Utc>,
) -> Result<IndexBuild, StoreError> {
    conn.transaction(async |tx| {
        let asked = request(tx, organization, contract, cause, now).await?;
        let row: Row = diesel::update(index_builds::table.find(asked.id))
            .set((
                index_builds::state.eq(text(BuildState::Running)),
                index_builds::started_at.eq(moment(now)),
                index_builds::updated_at.eq(moment(now)),
            ))
            .returning(Row::as_returning())
            .get_result(tx)
            .await?;
        row.try_into()
    })
    .await
}

/// Tells how far a build has come: `done` of `total` templates of this stage (0 of 0 when it cannot be said).
///
/// # Errors
/// [`StoreError::NotFound`] when the build does not run (any more).
pub async fn progress(
    conn: &mut Conn,
    id: Uuid,
    stage: BuildStage,
    done: i64,
    total: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let changed = diesel::update(running(id))
        .set((
            index_builds::stage.eq(text(stage)),
            index_builds::templates_done.eq(done),
            index_builds::templates_total.eq(total),
            index_builds::updated_at.eq(moment(now)),
        ))
        .execute(conn)
        .await?;
    if changed == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Ends a build in a state that is over: with its `version` where it made one, and the `problem` where it failed.
///
/// # Errors
/// [`StoreError::NotFound`] when the build does not run (any more).
pub async fn end(
    conn: &mut Conn,
    id: Uuid,
    state: BuildState,
    version: Option<Uuid>,
    problem: Option<&str>,
    now: DateTime<Utc>,
) -> Result<IndexBuild, StoreError> {
    let row: Row = diesel::update(running(id))
        .set((
            index_builds::state.eq(text(state)),
            index_builds::version_id.eq(version),
            index_builds::problem.eq(problem),
            index_builds::ended_at.eq(moment(now)),
            index_builds::updated_at.eq(moment(now)),
        ))
        .returning(Row::as_returning())
        .get_result(conn)
        .await?;
    row.try_into()
}

/// Ends every build that runs as interrupted, asks for it again, and answers with those that were interrupted. Only for
/// whoever holds the lock of the builders: nobody else can be at them.
///
/// # Errors
/// Only those of the database.
pub async fn interrupted(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<IndexBuild>, StoreError> {
    conn.transaction(async |tx| {
        let running = index_builds::table
            .filter(index_builds::ended_at.is_null())
            .filter(index_builds::state.eq(text(BuildState::Running)));
        let rows: Vec<Row> = diesel::update(running)
            .set((
                index_builds::state.eq(text(BuildState::Interrupted)),
                index_builds::ended_at.eq(moment(now)),
                index_builds::updated_at.eq(moment(now)),
            ))
            .returning(Row::as_returning())
            .get_results(tx)
            .await?;
        let mut builds: Vec<IndexBuild> = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        builds.sort_by_key(|build| build.id);
        for IndexBuild { organization_id, contract, cause, .. } in &builds {
            request(tx, *organization_id, contract, *cause, now).await?;
        }
        Ok(builds)
    })
    .await
}

/// The organization's build with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when it has none.
pub async fn find(conn: &mut Conn, organization: OrganizationId, id: Uuid) -> Result<IndexBuild, StoreError> {
    let row: Row = index_builds::table
        .filter(index_builds::organization_id.eq(organization.uuid()))
        .filter(index_builds::id.eq(id))
        .select(Row::as_select())
        .first(conn)
        .await?;
    row.try_into()
}

/// The organization's builds, the newest first, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(conn: &mut Conn, organization: OrganizationId, limit: i64) -> Result<Vec<IndexBuild>, StoreError> {
    let rows: Vec<Row> = index_builds::table
        .filter(index_builds::organization_id.eq(organization.uuid()))
        .order(index_builds::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// For each contract of the organization: the builds that wait or run, and the newest that is over. By contract, the newest
/// first.
///
/// # Errors
/// Only those of the database.
pub async fn latest(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<IndexBuild>, StoreError> {
    let of_organization = index_builds::table.filter(index_builds::organization_id.eq(organization.uuid()));
    let mut rows: Vec<Row> = of_organization
        .filter(index_builds::ended_at.is_not_null())
        .order((index_builds::contract, index_builds::id.desc()))
        .distinct_on(index_builds::contract)
        .select(Row::as_select())
        .load(conn)
        .await?;
    let unended: Vec<Row> =
        of_organization.filter(index_builds::ended_at.is_null()).select(Row::as_select()).load(conn).await?;
    rows.extend(unended);
    rows.sort_by(|a, b| a.contract.cmp(&b.contract).then(b.id.cmp(&a.id)));
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Forgets the builds of an organization and contract that are over, but for the newest `keep`, and answers how many.
///
/// # Errors
/// Only those of the database.
pub async fn prune(
    conn: &mut Conn,
    organization: OrganizationId,
    contract: &ContractId,
    keep: i64,
) -> Result<usize, StoreError> {
    let old: Vec<Uuid> = index_builds::table
        .filter(index_builds::organization_id.eq(organization.uuid()))
        .filter(index_builds::contract.eq(contract.as_str()))
        .filter(index_builds::ended_at.is_not_null())
        .order(index_builds::id.desc())
        .offset(keep)
        .select(index_builds::id)
        .load(conn)
        .await?;
    Ok(diesel::delete(index_builds::table.filter(index_builds::id.eq_any(old))).execute(conn).await?)
}

#[diesel::dsl::auto_type]
fn running(id: Uuid) -> _ {
    let is_running: diesel::dsl::Eq<index_builds::state, &'static str> = index_builds::state.eq("running");
    index_builds::table.filter(index_builds::id.eq(id)).filter(is_running)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = index_builds, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    contract: String,
    cause: String,
    state: String,
    stage: Option<String>,
    templates_done: i64,
    templates_total: i64,
    problem: Option<String>,
    version_id: Option<Uuid>,
    requested_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for IndexBuild {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            organization_id: row.organization_id.into(),
            contract: ContractId::new(row.contract),
            cause: word(&row.cause)?,
            state: word(&row.state)?,
            stage: row.stage.as_deref().map(word).transpose()?,
            templates_done: row.templates_done,
            templates_total: row.templates_total,
            problem: row.problem,
            version_id: row.version_id,
            requested_at: row.requested_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
            updated_at: row.updated_at,
        })
    }
}
