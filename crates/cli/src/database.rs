//! Reaching the database, or saying why not.

use anyhow::{Context, bail, ensure};
use secrecy::{ExposeSecret, SecretString};
use store::{Pool, PooledConn};

use crate::settings::Settings;

/// Where the database is.
pub(crate) fn url(settings: &Settings) -> anyhow::Result<&SecretString> {
    let url = &settings.database.url;
    ensure!(
        !url.expose_secret().is_empty(),
        "no database is named: set ROLLCALL_DATABASE__URL to postgres://user:password@host:port/database, \
         or database.url in the file that --config names"
    );
    Ok(url)
}

/// A connection to a database with all its tables. The pool must outlive it.
pub(crate) async fn connect(settings: &Settings) -> anyhow::Result<(Pool, PooledConn)> {
    url(settings)?;
    let pool = store::connect(&settings.database)?;
    let mut conn =
        store::get(&pool).await.context("the database cannot be reached: is it running, and is the URL right?")?;
    if !store::is_migrated(&mut conn).await? {
        bail!("the database's tables are missing or old: run `rollcall migrate` first");
    }
    Ok((pool, conn))
}
