//! Sealing anew: with the present master key what an older one sealed, and with the keys of people what was sealed before
//! they had any.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::id::{OrganizationId, PersonId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::keys;
use crate::pool::Conn;
use crate::schema::people;
use crate::sealer::Sealer;

/// Columns that are sealed with the master key: table, id for which they are sealed, column. A test compares them and
/// [`OF_PEOPLE`] with the columns that there are.
pub const OF_THE_INSTALLATION: &[(&str, &str, &str)] =
    &[("person_keys", "person_id", "key"), ("class_photos", "id", "image"), ("person_pins", "person_id", "pin")];

/// Columns that are sealed with their person's key, but may date from before there were such keys: table, id, column, the
/// person. Those of tables that came later need no line.
pub const OF_PEOPLE: &[(&str, &str, &str, &str)] = &[
    ("templates", "id", "embedding", "templates.person_id"),
    (
        "enrollment_photos",
        "id",
        "image",
        "(SELECT person_id FROM enrollments WHERE enrollments.id = enrollment_photos.enrollment_id)",
    ),
];

/// Rows that are sealed anew in one transaction.
const BATCH: i64 = 100;

/// What sealing one column anew came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resealed {
    /// Table and column.
    pub column: String,
    /// How many rows were looked at.
    pub rows: u64,
    /// How many were sealed anew.
    pub resealed: u64,
    /// The ids of those that no key opens; they are left as they are.
    pub broken: Vec<Uuid>,
}

/// Seals everything anew that is not sealed with the present keys, and answers column by column. To be called again where it
/// was broken off: what is done already is passed over.
///
/// # Errors
/// Only those of the database. What does not open is named in the answer.
pub async fn reseal(conn: &mut Conn, sealer: &Sealer) -> Result<Vec<Resealed>, StoreError> {
    let mut done = Vec::new();
    for (table, id, column) in OF_THE_INSTALLATION {
        let mut result = Resealed { column: format!("{table}.{column}"), rows: 0, resealed: 0, broken: Vec::new() };
        let rows = format!(
            "SELECT {id} AS id, {column} AS sealed, NULL::uuid AS person FROM {table} \
             WHERE {column} IS NOT NULL AND {id} > $1 ORDER BY {id} LIMIT $2 FOR NO KEY UPDATE"
        );
        let mut after = Uuid::nil();
        while let Some(last) = installation_batch(conn, sealer, &rows, (table, id, column), after, &mut result).await? {
            after = last;
        }
        done.push(result);
    }
    for (table, id, column, person) in OF_PEOPLE {
        let mut result = Resealed { column: format!("{table}.{column}"), rows: 0, resealed: 0, broken: Vec::new() };
        let rows = format!(
            "SELECT {table}.{id} AS id, {column} AS sealed, people.id AS person \
             FROM {table} JOIN people ON people.id = {person} \
             WHERE {column} IS NOT NULL AND get_byte({column}, 0) = 1 AND {table}.{id} > $1 \
             ORDER BY {table}.{id} LIMIT $2"
        );
        let mut after = Uuid::nil();
        while let Some(last) = people_batch(conn, sealer, &rows, (table, id, column), after, &mut result).await? {
            after = last;
        }
        done.push(result);
    }
    Ok(done)
}

/// How many snapshots are not known to be sealed with the present key: the scheduler replaces them.
///
/// # Errors
/// Only those of the database.
pub async fn snapshots_left(conn: &mut Conn, sealer: &Sealer) -> Result<i64, StoreError> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let query = "SELECT count(*) AS count FROM index_versions WHERE sealed_with IS DISTINCT FROM $1";
    let count: Count =
        diesel::sql_query(query).bind::<Text, _>(sealer.fingerprint().to_owned()).get_result(conn).await?;
    Ok(count.count)
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Bytea)]
    sealed: Vec<u8>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    person: Option<Uuid>,
}

async fn load(tx: &mut Conn, rows: &str, after: Uuid) -> Result<Vec<Row>, StoreError> {
    let query = diesel::sql_query(rows.to_owned()).bind::<SqlUuid, _>(after).bind::<BigInt, _>(BATCH);
    Ok(query.load(tx).await?)
}

/// Seals a batch of rows anew, and answers with the last id of it; `None` when there was none.
async fn installation_batch(
    conn: &mut Conn,
    sealer: &Sealer,
    rows: &str,
    column: (&str, &str, &str),
    after: Uuid,
    result: &mut Resealed,
) -> Result<Option<Uuid>, StoreError> {
    conn.transaction(async |tx| {
        let rows = load(tx, rows, after).await?;
        let last = rows.last().map(|row| row.id);
        for row in rows {
            result.rows += 1;
            match sealer.reseal(row.id, &row.sealed) {
                Ok(None) => {}
                Ok(Some(sealed)) => result.resealed += write(tx, column, &row, &sealed).await?,
                Err(_) => result.broken.push(row.id),
            }
        }
        Ok(last)
    })
    .await
}

/// The same for rows of people. Their rows are locked first, as whoever deletes or enrolls them does.
async fn people_batch(
    conn: &mut Conn,
    sealer: &Sealer,
    rows: &str,
    column: (&str, &str, &str),
    after: Uuid,
    result: &mut Resealed,
) -> Result<Option<Uuid>, StoreError> {
    conn.transaction(async |tx| {
        let rows = load(tx, rows, after).await?;
        let last = rows.last().map(|row| row.id);
        let owners: Vec<Uuid> = rows.iter().filter_map(|row| row.person).collect();
        let there: Vec<(Uuid, Uuid)> = people::table
            .filter(people::id.eq_any(owners))
            // All keys are made before anything is written, so that nobody who waits for a row of ours is waited for.
            .order((people::organization_id, people::id))
            .select((people::organization_id, people::id))
            .for_key_share()
            .load(tx)
            .await?;
        let mut sealers: HashMap<PersonId, Sealer> = HashMap::new();
        for chunk in there.chunk_by(|a, b| a.0 == b.0) {
            let (organization, people): (OrganizationId, Vec<PersonId>) =
                (chunk[0].0.into(), chunk.iter().map(|(_, person)| (*person).into()).collect());
            sealers.extend(keys::of_people(tx, sealer, organization, &people).await?);
        }
        for row in rows {
            result.rows += 1;
            // Gone meanwhile, with the row.
            let Some(theirs) = row.person.and_then(|person| sealers.get(&PersonId::from_uuid(person))) else {
                continue;
            };
            match theirs.open(row.id, &row.sealed) {
                Ok(plain) => {
                    let sealed = theirs.seal(row.id, &plain);
                    result.resealed += write(tx, column, &row, &sealed).await?;
                }
                Err(_) => result.broken.push(row.id),
            }
        }
        Ok(last)
    })
    .await
}

/// Unless the row has changed since it was read.
async fn write(
    tx: &mut Conn,
    (table, id, column): (&str, &str, &str),
    row: &Row,
    sealed: &[u8],
) -> Result<u64, StoreError> {
    let query = format!("UPDATE {table} SET {column} = $1 WHERE {id} = $2 AND {column} = $3");
    let updated = diesel::sql_query(query)
        .bind::<Bytea, _>(sealed)
        .bind::<SqlUuid, _>(row.id)
        .bind::<Bytea, _>(&row.sealed)
        .execute(tx)
        .await?;
    Ok(updated as u64)
}
