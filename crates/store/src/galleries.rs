//! The templates that an index of an organization is built of, as of one moment, however long the building takes.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::{AnsiTransactionManager, AsyncConnection, RunQueryDsl, SimpleAsyncConnection, TransactionManager};
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::enrollment::Gallery;
use domain::id::{OrganizationId, PersonId, TemplateId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::keys::{self, OfPerson};
use crate::pool::Conn;
use crate::schema::{people, person_keys, templates};
use crate::sealer::Sealer;
use crate::templates as faces;

type Manager = <Conn as AsyncConnection>::TransactionManager;

/// What is done between two pages (training, writing) may take long, and so may finding a million ids: longer than the
/// statements of a request may. Whoever hangs longer than this loses the connection.
const LIMITS: &str = "SET LOCAL statement_timeout = '5min'; SET LOCAL idle_in_transaction_session_timeout = '1h'";

/// A template that is searched.
#[derive(Debug, Clone, PartialEq)]
pub struct Searched {
    /// The template.
    pub template_id: TemplateId,
    /// Whose face it is.
    pub person_id: PersonId,
    /// The face.
    pub embedding: Embedding,
}

/// The searched templates of an organization and a contract, as of one moment: all reads of one value see the same
/// revision.
///
/// Searched are the templates of a gallery that are of active people: those that replaying
/// [`changes_since`](crate::templates::changes_since) up to [`watermark`](Self::watermark) leaves. Dropped without
/// [`end`](Self::end), it leaves its connection in the transaction, good for nothing but to be dropped.
pub struct Reading<'a> {
    conn: &'a mut Conn,
    sealer: Sealer,
    organization: OrganizationId,
    contract: ContractId,
    gallery: Gallery,
    watermark: i64,
}

impl Reading<'_> {
    /// Begins to read, in a transaction of the connection's own.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such organization.
    pub async fn begin<'a>(
        conn: &'a mut Conn,
        sealer: &Sealer,
        organization: OrganizationId,
        contract: &ContractId,
        gallery: Gallery,
    ) -> Result<Reading<'a>, StoreError> {
        AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        // What is seen is fixed by the first query. Changes commit in the order of their numbers, so it holds all up to
        // the watermark and none after.
        let first = async {
            conn.batch_execute(LIMITS).await?;
            faces::revision(conn, organization).await
        };
        match first.await {
            Ok(watermark) => {
                let (sealer, contract) = (sealer.clone(), contract.clone());
                Ok(Reading { conn, sealer, organization, contract, gallery, watermark })
            }
            Err(error) => {
                // When this fails too the connection is broken, and its pool drops it.
                let _broken = Manager::rollback_transaction(conn).await;
                Err(error)
            }
        }
    }

    /// The organization's template revision at that moment.
    #[must_use]
    pub fn watermark(&self) -> i64 {
        self.watermark
    }

    /// The connection, for questions about itself.
    pub fn connection(&mut self) -> &mut Conn {
        self.conn
    }

    /// The ids of all searched templates, rising.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn ids(&mut self) -> Result<Vec<TemplateId>, StoreError> {
        let ids: Vec<Uuid> = templates::table
            .inner_join(people::table.on(people::id.eq(templates::person_id)))
            .filter(templates::organization_id.eq(self.organization.uuid()))
            .filter(templates::contract.eq(self.contract.as_str()))
            .filter(sql::<Bool>(held_by(self.gallery)))
            .filter(people::is_active)
            .order(templates::id)
            .select(templates::id)
            .load(self.conn)
            .await?;
        Ok(ids.into_iter().map(Into::into).collect())
    }

    /// Those of these templates that are searched, rising by id.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a template does not open.
    pub async fn some(&mut self, ids: &[TemplateId]) -> Result<Vec<Searched>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let rows: Vec<Row> = templates::table
            .inner_join(people::table.on(people::id.eq(templates::person_id)))
            .left_join(person_keys::table.on(person_keys::person_id.eq(templates::person_id)))
            .filter(templates::organization_id.eq(self.organization.uuid()))
            .filter(templates::contract.eq(self.contract.as_str()))
            .filter(sql::<Bool>(held_by(self.gallery)))
            .filter(people::is_active)
            .filter(templates::id.eq_any(ids))
            .order(templates::id)
            .select(columns())
            .load(self.conn)
            .await?;
        open(&self.sealer, rows).await
    }

    /// The searched templates after this one (`None`: from the first), at most `limit`, rising by id.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a template does not open.
    pub async fn page(&mut self, after: Option<TemplateId>, limit: i64) -> Result<Vec<Searched>, StoreError> {
        let rows: Vec<Row> = templates::table
            .inner_join(people::table.on(people::id.eq(templates::person_id)))
            .left_join(person_keys::table.on(person_keys::person_id.eq(templates::person_id)))
            .filter(templates::organization_id.eq(self.organization.uuid()))
            .filter(templates::contract.eq(self.contract.as_str()))
            .filter(sql::<Bool>(held_by(self.gallery)))
            .filter(people::is_active)
            .filter(templates::id.gt(after.map_or(Uuid::nil(), TemplateId::uuid)))
            .order(templates::id)
            .limit(limit)
            .select(columns())
            .load(self.conn)
            .await?;
        open(&self.sealer, rows).await
    }

    /// Ends the transaction.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn end(self) -> Result<(), StoreError> {
        Ok(Manager::rollback_transaction(self.conn).await?)
    }
}

type Columns = (templates::id, templates::person_id, templates::embedding, diesel::dsl::Nullable<person_keys::key>);
type Row = (Uuid, Uuid, Vec<u8>, Option<Vec<u8>>);

fn columns() -> Columns {
    (templates::id, templates::person_id, templates::embedding, person_keys::key.nullable())
}

/// Which templates are in a gallery, in words that the planner can hold against partial indexes.
pub(crate) fn held_by(gallery: Gallery) -> &'static str {
    match gallery {
        Gallery::Pooled => "templates.origin = 'pooled'",
        Gallery::Samples => "templates.origin <> 'pooled'",
    }
}

async fn open(sealer: &Sealer, rows: Vec<Row>) -> Result<Vec<Searched>, StoreError> {
    let (mut found, mut sealed) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for (id, person, bytes, key) in rows {
        found.push((id, person));
        sealed.push(OfPerson { person, key, id, sealed: bytes });
    }
    let opened = keys::open_all(sealer, sealed).await?;
    let searched = found.into_iter().zip(opened).map(|((id, person), plain)| {
        let embedding = faces::from_bytes(&plain)?;
        Ok(Searched { template_id: id.into(), person_id: person.into(), embedding })
    });
    searched.collect()
}
