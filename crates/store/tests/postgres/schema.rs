//! Diesel's picture of the tables is what the migrations make.

use std::collections::BTreeSet;

use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use crate::fixtures::Ground;

const SCHEMA: [&str; 4] = [
    include_str!("../../src/schema/access.rs"),
    include_str!("../../src/schema/faces.rs"),
    include_str!("../../src/schema/records.rs"),
    include_str!("../../src/schema/teaching.rs"),
];

#[derive(diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    line: String,
}

#[tokio::test]
async fn the_schema_is_the_migrated_database() {
    let ground = Ground::new().await;
    assert_eq!(declared(), migrated(&ground).await);
}

/// The columns that there are.
pub(crate) async fn migrated(ground: &Ground) -> BTreeSet<String> {
    let query = "SELECT concat_ws(' ', table_name, column_name, udt_name, \
                        CASE is_nullable WHEN 'YES' THEN 'nullable' END) AS line \
                 FROM information_schema.columns \
                 WHERE table_schema = 'public' AND NOT starts_with(table_name, '__')";
    let columns: Vec<Column> = diesel::sql_query(query).load(&mut *ground.conn().await).await.expect("columns");
    columns.into_iter().map(|column| column.line).collect()
}

/// The columns that are declared, in the words of Postgres.
pub(crate) fn declared() -> BTreeSet<String> {
    let mut table = "";
    let mut columns = BTreeSet::new();
    for line in SCHEMA.iter().flat_map(|tables| tables.lines()).map(|line| line.trim().trim_end_matches(',')) {
        if let Some((name, kind)) = line.split_once(" -> ") {
            let plain = kind.trim_start_matches("Nullable<").trim_end_matches('>').to_lowercase();
            let plain = plain.replace("array<", "_");
            let nullable = if kind.starts_with("Nullable") { " nullable" } else { "" };
            columns.insert(format!("{table} {name} {plain}{nullable}"));
        } else if let Some((name, _)) = line.split_once(" (").filter(|(_, rest)| rest.ends_with('{')) {
            table = name;
        }
    }
    columns
}
