//! `rollcall index rebuild`.

use anyhow::{bail, ensure};
use chrono::{SubsecRound, Utc};
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use domain::contract::ContractId;
use domain::index::BuildCause;
use domain::organization::Organization;
use serde_json::json;
use store::index_builds::{self, IndexBuild};
use store::{Conn, StoreError};
use uuid::Uuid;

use super::watch::{Watched, until_over};
use super::{organizations, words};
use crate::arguments::RebuildIndexes;
use crate::database;
use crate::settings::Settings;

/// Asks the schedulers for builds, and waits for them where that is wanted.
pub(crate) async fn rebuild(settings: &Settings, wanted: &RebuildIndexes) -> anyhow::Result<()> {
    let (_pool, mut conn) = database::connect(settings).await?;
    let contract = wanted.contract.as_deref().map(ContractId::new);
    let mut open = Vec::new();
    for organization in organizations(&mut conn, wanted.organization.as_deref()).await? {
        for build in request(&mut conn, &organization, contract.as_ref()).await? {
            let watched = Watched::new(format!("{}, {}", organization.name, build.contract), &build);
            if !wanted.wait {
                println!("{}: build {} {}", watched.label, build.id, words::build(&build));
            }
            open.push(watched);
        }
    }
    ensure!(
        !open.is_empty(),
        "there are no templates to build an index of: check --organization and --contract, or enroll somebody first"
    );
    if !wanted.wait {
        println!("`rollcall index status` shows how they come along");
        return Ok(());
    }
    match until_over(&mut conn, open).await? {
        0 => Ok(()),
        failed => bail!("{failed} of the indexes were not built; the snapshots from before are still used"),
    }
}

/// Asks for a build of each wanted contract that the organization has templates of.
async fn request(
    conn: &mut Conn,
    organization: &Organization,
    wanted: Option<&ContractId>,
) -> Result<Vec<IndexBuild>, StoreError> {
    let now = Utc::now().trunc_subsecs(6);
    let id = organization.id;
    store::transaction::run(conn, async |tx| {
        let mut contracts = store::templates::contracts(tx, id).await?;
        contracts.retain(|contract| wanted.is_none_or(|wanted| wanted == contract));
        let mut builds = Vec::new();
        for contract in &contracts {
            builds.push(index_builds::request(tx, id, contract, BuildCause::Requested, now).await?);
        }
        if !builds.is_empty() {
            let ids: Vec<Uuid> = builds.iter().map(|build| build.id).collect();
            let entry = NewAuditEntry {
                organization_id: Some(id),
                at: now,
                actor: AuditActor::Command,
                action: AuditAction::IndexRebuildRequested,
                subject_id: None,
                details: json!({"contracts": contracts, "index_build_ids": ids}),
                request_id: None,
            };
            store::audit::append(tx, &entry).await?;
        }
        Ok(builds)
    })
    .await
}
