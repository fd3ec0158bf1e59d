//! `rollcall index status`.

use std::collections::BTreeSet;

use anyhow::ensure;
use chrono::Utc;
use domain::contract::ContractId;
use domain::id::OrganizationId;
use domain::index::ReplicaReport;
use domain::organization::Organization;
use domain::wire::name;
use messaging::{Namespace, Redis};
use secrecy::ExposeSecret;
use store::Conn;
use store::index_builds::IndexBuild;
use store::index_versions::IndexVersion;

use super::table::{Side, table};
use super::{organizations, words};
use crate::arguments::IndexStatus;
use crate::database;
use crate::settings::Settings;

/// Prints what is kept, built and held of the indexes.
pub(crate) async fn status(settings: &Settings, wanted: &IndexStatus) -> anyhow::Result<()> {
    let (_pool, mut conn) = database::connect(settings).await?;
    for organization in organizations(&mut conn, wanted.organization.as_deref()).await? {
        let replicas = replicas(settings, organization.id).await;
        print!("{}", of_organization(&mut conn, &organization, replicas).await?);
    }
    Ok(())
}

async fn replicas(settings: &Settings, organization: OrganizationId) -> anyhow::Result<Vec<ReplicaReport>> {
    ensure!(!settings.redis.url.expose_secret().is_empty(), "set ROLLCALL_REDIS__URL");
    let redis = Redis::connect(&settings.redis, &Namespace::new(&settings.deployment.namespace))?;
    Ok(redis.replicas(organization).await?)
}

async fn of_organization(
    conn: &mut Conn,
    organization: &Organization,
    replicas: anyhow::Result<Vec<ReplicaReport>>,
) -> anyhow::Result<String> {
    let versions = store::index_versions::list(conn, organization.id).await?;
    let builds = store::index_builds::latest(conn, organization.id).await?;
    let revision = store::templates::revision(conn, organization.id).await?;
    let held = replicas.as_deref().unwrap_or_default();
    let contracts: BTreeSet<&ContractId> = organization
        .contract
        .iter()
        .chain(versions.iter().map(|version| &version.contract))
        .chain(builds.iter().map(|build| &build.contract))
        .chain(held.iter().map(|report| &report.contract))
        .collect();
    let mut text = format!("{} ({}), template revision {revision}\n", organization.name, organization.id);
    if contracts.is_empty() {
        text.push_str("  nobody is enrolled\n");
    }
    for contract in contracts {
        text.push_str(&format!("  {contract}\n"));
        let versions: Vec<_> = versions.iter().filter(|version| version.contract == *contract).collect();
        text.push_str(&of_versions(&versions, revision));
        for build in builds.iter().filter(|build| build.contract == *contract) {
            text.push_str(&of_build(build));
        }
        match &replicas {
            Ok(all) => {
                let of_contract: Vec<_> = all.iter().filter(|report| report.contract == *contract).collect();
                text.push_str(&of_replicas(&of_contract, revision));
            }
            Err(error) => text.push_str(&format!("    what workers hold is not known: {error:#}\n")),
        }
    }
    text.push('\n');
    Ok(text)
}

fn of_versions(versions: &[&IndexVersion], revision: i64) -> String {
    if versions.is_empty() {
        return "    there is no snapshot: workers begin with the database\n".to_owned();
    }
    let headings = [
        ("SNAPSHOT OF (UTC)", Side::Left),
        ("TEMPLATES", Side::Right),
        ("REVISION", Side::Right),
        ("LAG", Side::Right),
        ("FACTORY", Side::Left),
        ("PROBES", Side::Right),
        ("RECALL", Side::Right),
        ("SIZE", Side::Right),
        ("BUILT IN", Side::Right),
        ("ID", Side::Left),
    ];
    let row = |version: &&IndexVersion| {
        [
            words::time(version.created_at),
            version.templates.to_string(),
            version.watermark.to_string(),
            (revision - version.watermark).max(0).to_string(),
            version.factory.clone(),
            version.probes.map_or("all".to_owned(), |probes| probes.to_string()),
            version.recall.map_or("exact".to_owned(), |recall| format!("{:.2} %", recall * 100.0)),
            words::bytes(version.bytes),
            words::duration(version.build_ms),
            version.id.to_string(),
        ]
    };
    table(headings, &versions.iter().map(row).collect::<Vec<_>>(), 4)
}

fn of_build(build: &IndexBuild) -> String {
    let at = build.ended_at.or(build.started_at).unwrap_or(build.requested_at);
    format!("    build of {} ({}): {}\n", words::time(at), name(&build.cause), words::build(build))
}

fn of_replicas(replicas: &[&ReplicaReport], revision: i64) -> String {
    if replicas.is_empty() {
        return "    no worker holds it\n".to_owned();
    }
    let headings = [
        ("WORKER", Side::Left),
        ("STATE", Side::Left),
        ("PEOPLE", Side::Right),
        ("TEMPLATES", Side::Right),
        ("REVISION", Side::Right),
        ("LAG", Side::Right),
        ("FACTORY", Side::Left),
        ("MEMORY", Side::Right),
        ("HEARD", Side::Right),
        ("ID", Side::Left),
    ];
    let now = Utc::now();
    let row = |report: &&ReplicaReport| {
        [
            report.host.clone(),
            name(&report.state),
            report.people.to_string(),
            report.templates.to_string(),
            report.watermark.to_string(),
            (revision - report.watermark).max(0).to_string(),
            report.factory.clone(),
            words::bytes(i64::try_from(report.bytes).unwrap_or(i64::MAX)),
            format!("{} s ago", (now - report.at).num_seconds().max(0)),
            report.worker_id.to_string(),
        ]
    };
    table(headings, &replicas.iter().map(row).collect::<Vec<_>>(), 4)
}
