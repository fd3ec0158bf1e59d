//! Very many people at once, written past the program: each with one pooled template.

use std::fmt::Write;

use domain::embedding::Embedding;
use domain::id::OrganizationId;
use uuid::Uuid;

use crate::fixtures::{Ground, contract};

const ROWS: usize = 1000;

impl Ground {
    /// Adds `count` people with a template of `dimension` floats to an organization, in one transaction.
    pub(crate) async fn crowd(&self, organization: OrganizationId, count: usize, dimension: usize) {
        let mut seed = 0x2545_f491_4f6c_dd1d ^ u64::from(organization.uuid().as_fields().0);
        let (mut sql, contract) = ("BEGIN;".to_owned(), contract());
        for first in (0..count).step_by(ROWS) {
            let rows = ROWS.min(count - first);
            let (mut people, mut templates, mut changes) = (String::new(), String::new(), String::new());
            for row in 1..=rows {
                let (person, template) = (Uuid::now_v7(), Uuid::now_v7());
                let face = random_face(&mut seed, dimension);
                let plain: Vec<u8> = face.as_slice().iter().flat_map(|value| value.to_le_bytes()).collect();
                let sealed = hex::encode(self.sealer.seal(template, &plain));
                let comma = if row == 1 { "" } else { "," };
                write!(people, "{comma}('{person}','{organization}','student','{person}','A',now(),now())").unwrap();
                let ids = format!("'{template}','{organization}','{person}','{contract}'");
                write!(templates, "{comma}({ids},'\\x{sealed}',90,'pooled',now())").unwrap();
                write!(changes, "{comma}({row},'{contract}','{template}'::uuid,'{person}'::uuid)").unwrap();
            }
            write!(
                sql,
                "INSERT INTO people (id, organization_id, kind, external_id, name, created_at, updated_at) \
                 VALUES {people}; \
                 INSERT INTO templates \
                     (id, organization_id, person_id, contract, embedding, quality, origin, created_at) \
                 VALUES {templates}; \
                 INSERT INTO template_changes (organization_id, revision, contract, template_id, person_id, removed) \
                 SELECT id, template_revision + row, came.contract, template, person, false \
                 FROM organizations, (VALUES {changes}) AS came (row, contract, template, person) \
                 WHERE id = '{organization}'; \
                 UPDATE organizations SET template_revision = template_revision + {rows} WHERE id = '{organization}';"
            )
            .unwrap();
        }
        self.execute(&format!("{sql} COMMIT")).await;
    }
}

/// xorshift64* (Vigna, 2016), which is random enough for faces.
fn random_face(seed: &mut u64, dimension: usize) -> Embedding {
    let values = (0..dimension).map(|_| {
        *seed ^= *seed >> 12;
        *seed ^= *seed << 25;
        *seed ^= *seed >> 27;
        (seed.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    });
    Embedding::normalized(values.collect()).unwrap()
}
