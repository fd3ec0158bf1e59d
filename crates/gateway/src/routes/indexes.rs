//! The indexes in which an organization's people are searched: snapshots, builds, and who holds what.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, Utc};
use domain::audit::AuditAction;
use domain::contract::ContractId;
use domain::index::{BuildCause, BuildStage, BuildState, ReplicaReport, ReplicaState};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::index_builds;
use store::index_versions::IndexVersion;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::access::Allowed;
use crate::auth::permission::ManageIndexes;
use crate::error::ApiError;
use crate::page::PageQuery;
use crate::state::Gateway;
use crate::{clock, reply};

/// The organization's indexes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Indexes {
    /// The organization's template revision now: it counts every template that came or went.
    revision: i64,
    /// One for each contract that people are recognised with, or were: by contract.
    indexes: Vec<Index>,
}

/// The index of one contract.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Index {
    /// The contract of its templates.
    #[schema(value_type = ContractId)]
    contract: String,
    /// The snapshots that are kept, the newest first: workers begin with that one.
    versions: Vec<IndexSnapshot>,
    /// The build that waits for a scheduler.
    waiting: Option<IndexBuild>,
    /// The build that is being made.
    running: Option<IndexBuild>,
    /// The last build that is over.
    last: Option<IndexBuild>,
    /// What workers hold in memory; `null` while Redis is away, since nobody can tell then.
    replicas: Option<Vec<IndexReplica>>,
}

/// A snapshot of an index.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IndexSnapshot {
    id: Uuid,
    /// The template revision that it holds.
    watermark: i64,
    /// How many templates came or went since: what workers replay.
    lag: i64,
    templates: i64,
    /// How it is searched, in the words of FAISS: `Flat` looks at every vector.
    factory: String,
    /// How many lists of an inverted file are searched; `null`: every vector is looked at.
    probes: Option<i32>,
    /// How often the nearest of a sample was the one that exhaustive search finds, 0 to 1; `null`: nothing can be missed.
    recall: Option<f32>,
    /// Length of the file.
    bytes: i64,
    sha256: String,
    created_at: DateTime<Utc>,
    build_ms: i64,
    /// How long each stage of the build took, in milliseconds.
    #[schema(value_type = BTreeMap<String, i64>)]
    stages: BTreeMap<BuildStage, i64>,
}

impl IndexSnapshot {
    fn new(version: IndexVersion, revision: i64) -> Self {
        Self {
            id: version.id,
            watermark: version.watermark,
            lag: (revision - version.watermark).max(0),
            templates: version.templates,
            factory: version.factory,
            probes: version.probes,
            recall: version.recall,
            bytes: version.bytes,
            sha256: version.sha256,
            created_at: version.created_at,
            build_ms: version.build_ms,
            stages: version.stages,
        }
    }
}

/// A build of an index.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IndexBuild {
    id: Uuid,
    contract: ContractId,
    cause: BuildCause,
    state: BuildState,
    /// What it does, or did last.
    stage: Option<BuildStage>,
    /// How far the stage has come, in templates.
    templates_done: i64,
    /// How far it has to come; 0 where it cannot be said.
    templates_total: i64,
    /// Why it failed.
    problem: Option<String>,
    /// The snapshot that it made; older ones are given up in time.
    version_id: Option<Uuid>,
    requested_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    /// When anything was last heard of it.
    updated_at: DateTime<Utc>,
}

impl From<index_builds::IndexBuild> for IndexBuild {
    fn from(build: index_builds::IndexBuild) -> Self {
        Self {
            id: build.id,
            contract: build.contract,
            cause: build.cause,
            state: build.state,
            stage: build.stage,
            templates_done: build.templates_done,
            templates_total: build.templates_total,
            problem: build.problem,
            version_id: build.version_id,
            requested_at: build.requested_at,
            started_at: build.started_at,
            ended_at: build.ended_at,
            updated_at: build.updated_at,
        }
    }
}

/// A worker's copy of an index.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IndexReplica {
    /// The worker, as long as it lives.
    worker_id: Uuid,
    /// The machine that it runs on.
    host: String,
    /// `following` answers; `loading` does not yet.
    state: ReplicaState,
    /// The snapshot that it began with; `null` where it began with the database.
    version_id: Option<Uuid>,
    factory: String,
    /// The template revision that it holds.
    watermark: i64,
    /// How many template changes it has still to replay.
    lag: i64,
    templates: usize,
    people: usize,
    /// How much memory it takes.
    bytes: usize,
    /// How many seconds ago it was heard of; after 15 it is left out.
    heard_seconds_ago: i64,
}

impl IndexReplica {
    fn new(report: ReplicaReport, revision: i64, now: DateTime<Utc>) -> Self {
        Self {
            worker_id: report.worker_id,
            host: report.host,
            state: report.state,
            version_id: report.version_id,
            factory: report.factory,
            watermark: report.watermark,
            lag: (revision - report.watermark).max(0),
            templates: report.templates,
            people: report.people,
            bytes: report.bytes,
            heard_seconds_ago: (now - report.at).num_seconds().max(0),
        }
    }
}

/// Shows the organization's indexes: which snapshots are kept, what is being built, and what each worker holds.
#[utoipa::path(get, path = "/api/v1/index", tag = "index",
    responses((status = 200, description = "The indexes.", body = Indexes)))]
pub(crate) async fn show_indexes(
    access: Allowed<ManageIndexes>,
    gateway: Data<Gateway>,
) -> Result<Json<Indexes>, ApiError> {
    let organization = access.organization_id;
    let told = gateway.redis.replicas(organization).await.inspect_err(|error| {
        let error = error as &dyn std::error::Error;
        tracing::warn!(organization.id = %organization, error, "nobody can tell what workers hold");
    });
    let reports = told.ok();
    let mut conn = gateway.connection().await?;
    let found = store::organizations::find(&mut conn, organization).await?;
    let versions = store::index_versions::list(&mut conn, organization).await?;
    let builds = index_builds::latest(&mut conn, organization).await?;
    // Last of all, so that nothing seems to be ahead of it.
    let revision = store::templates::revision(&mut conn, organization).await?;

    let mut indexes: BTreeMap<ContractId, Index> = BTreeMap::new();
    if let Some(contract) = found.contract {
        indexes.entry(contract).or_default();
    }
    for version in versions {
        let index = indexes.entry(version.contract.clone()).or_default();
        index.versions.push(IndexSnapshot::new(version, revision));
    }
    for build in builds {
        let index = indexes.entry(build.contract.clone()).or_default();
        let place = match build.state {
            BuildState::Waiting => &mut index.waiting,
            BuildState::Running => &mut index.running,
            BuildState::New
            | BuildState::Unchanged
            | BuildState::Emptied
            | BuildState::Failed
            | BuildState::Interrupted => &mut index.last,
        };
        *place = Some(build.into());
    }
    let known = reports.is_some();
    for report in reports.unwrap_or_default() {
        let index = indexes.entry(report.contract.clone()).or_default();
        index.replicas.get_or_insert_default().push(IndexReplica::new(report, revision, Utc::now()));
    }
    let named = indexes.into_iter().map(|(contract, index)| {
        let replicas = if known { Some(index.replicas.unwrap_or_default()) } else { None };
        Index { contract: contract.to_string(), replicas, ..index }
    });
    Ok(Json(Indexes { revision, indexes: named.collect() }))
}

/// What is to be built.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rebuild {
    /// Only the index of this contract; without, those of all contracts that the organization has templates of.
    contract: Option<ContractId>,
}

/// Builds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IndexBuilds {
    items: Vec<IndexBuild>,
}

/// Asks for the organization's indexes to be built anew, soon. A build that waits already is not doubled; one that runs is
/// followed by another.
#[utoipa::path(post, path = "/api/v1/index/rebuild", tag = "index", request_body = Rebuild,
    responses((status = 202, description = "The builds, one for each contract: follow them by their ids.",
        body = IndexBuilds)))]
pub(crate) async fn rebuild_indexes(
    access: Allowed<ManageIndexes>,
    gateway: Data<Gateway>,
    body: Json<Rebuild>,
) -> Result<HttpResponse, ApiError> {
    let organization = access.organization_id;
    let wanted = body.into_inner().contract;
    let builds = gateway
        .change(async |tx| {
            let now = clock::now();
            let mut contracts: BTreeSet<ContractId> =
                store::templates::contracts(tx, organization).await?.into_iter().collect();
            contracts.retain(|contract| wanted.as_ref().is_none_or(|wanted| wanted == contract));
            if contracts.is_empty() {
                return Err(ApiError::NoTemplates);
            }
            let mut builds = Vec::new();
            for contract in &contracts {
                builds.push(index_builds::request(tx, organization, contract, BuildCause::Requested, now).await?);
            }
            let ids: Vec<Uuid> = builds.iter().map(|build| build.id).collect();
            let details = json!({"contracts": contracts, "index_build_ids": ids});
            let entry = access.entry(AuditAction::IndexRebuildRequested, None, details);
            store::audit::append(tx, &entry).await?;
            Ok(builds)
        })
        .await?;
    let items: Vec<IndexBuild> = builds.into_iter().map(Into::into).collect();
    let location = match items.as_slice() {
        [only] => format!("/api/v1/index/builds/{}", only.id),
        _ => "/api/v1/index/builds".to_owned(),
    };
    Ok(reply::accepted(location, IndexBuilds { items }))
}

/// Which builds are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BuildsQuery {
    /// How many at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// Lists the builds of the organization's indexes, the newest first, as far back as they are kept.
#[utoipa::path(get, path = "/api/v1/index/builds", tag = "index", params(BuildsQuery),
    responses((status = 200, description = "The builds.", body = IndexBuilds)))]
pub(crate) async fn list_index_builds(
    access: Allowed<ManageIndexes>,
    gateway: Data<Gateway>,
    query: Query<BuildsQuery>,
) -> Result<Json<IndexBuilds>, ApiError> {
    let limit = PageQuery { limit: query.limit, cursor: None }.read::<Uuid>()?.limit();
    let mut conn = gateway.connection().await?;
    let builds = index_builds::list(&mut conn, access.organization_id, limit).await?;
    Ok(Json(IndexBuilds { items: builds.into_iter().map(Into::into).collect() }))
}

/// Shows a build: while it runs, its stage and how far that has come.
#[utoipa::path(get, path = "/api/v1/index/builds/{index_build_id}", tag = "index",
    params(("index_build_id" = Uuid, Path)),
    responses((status = 200, description = "The build.", body = IndexBuild)))]
pub(crate) async fn show_index_build(
    access: Allowed<ManageIndexes>,
    gateway: Data<Gateway>,
    path: Path<Uuid>,
) -> Result<Json<IndexBuild>, ApiError> {
    let mut conn = gateway.connection().await?;
    Ok(Json(index_builds::find(&mut conn, access.organization_id, path.into_inner()).await?.into()))
}
