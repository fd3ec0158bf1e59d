//! `rollcall index`.

use anyhow::ensure;
use domain::organization::Organization;
use store::Conn;

pub(crate) mod rebuild;
pub(crate) mod status;
mod table;
mod watch;
mod words;

/// Rows of one question to the database.
const PAGE: i64 = 200;

/// The organization with this name or id, or all of them.
async fn organizations(conn: &mut Conn, wanted: Option<&str>) -> anyhow::Result<Vec<Organization>> {
    let mut found: Vec<Organization> = Vec::new();
    let mut after = None;
    loop {
        let page = store::organizations::list(conn, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.uuid());
        let is_wanted = |organization: &Organization| {
            wanted.is_none_or(|wanted| organization.name == wanted || organization.id.to_string() == wanted)
        };
        found.extend(page.into_iter().filter(is_wanted));
    }
    ensure!(
        wanted.is_none() || !found.is_empty(),
        "there is no organization with this name or id: check --organization"
    );
    Ok(found)
}
