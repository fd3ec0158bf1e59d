//! The pooled template of each person, made anew with every change of their samples.

use std::collections::{BTreeMap, HashMap};

use domain::embedding::Embedding;
use domain::enrollment::{Gallery, PhotoVerdict, TemplateOrigin};
use domain::id::{PersonId, TemplateId};
use domain::pooling::pooled;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use store::templates::{NewSample, Unpooled, pool_samples, replace, revision, unpooled};
use store::{enrollments, people, rosters};

use crate::fixtures::{Ground, at, changes, class, contract, enroll, enrollment, face, judge, person, roster};

/// What happens to a person.
#[derive(Debug, Clone)]
enum Deed {
    /// Photos with faces at these angles, of these qualities and with so many changed copies.
    Enroll(Vec<(f32, u8, usize)>),
    /// The samples are made anew, of their last enrollment's photos.
    Replace(Vec<(f32, u8)>),
    Delete,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        5 => prop::collection::vec((0f32..1.0, 0u8..=100, 0usize..3), 1..4).prop_map(Deed::Enroll),
        2 => prop::collection::vec((0f32..1.0, 0u8..=100), 0..4).prop_map(Deed::Replace),
        1 => Just(Deed::Delete),
    ]
}

/// What a replica of an index knows.
#[derive(Default)]
struct Replica {
    watermark: i64,
    templates: HashMap<TemplateId, (PersonId, Embedding)>,
}

impl Replica {
    /// Replays what is new, in pages.
    async fn follow(&mut self, ground: &Ground, gallery: Gallery) {
        loop {
            let page = changes(ground, gallery, self.watermark, 3).await;
            let Some(last) = page.last() else { return };
            let expected: Vec<i64> = (self.watermark + 1..=last.revision).collect();
            assert_eq!(page.iter().map(|change| change.revision).collect::<Vec<_>>(), expected, "no gap");
            self.watermark = last.revision;
            for change in page {
                match change.embedding {
                    Some(embedding) => self.templates.insert(change.template_id, (change.person_id, embedding)),
                    None => self.templates.remove(&change.template_id),
                };
            }
        }
    }

    fn of(&self, person: PersonId) -> Vec<&Embedding> {
        self.templates.values().filter(|(owner, _)| *owner == person).map(|(_, embedding)| embedding).collect()
    }
}

/// The samples that there should be, in the order in which they came.
type Model = BTreeMap<PersonId, Vec<(Embedding, f32)>>;

async fn carry_out(ground: &Ground, model: &mut Model, person: PersonId, deed: &Deed) {
    let (mut conn, of) = (ground.conn().await, contract());
    match deed {
        Deed::Enroll(photos) => {
            let id = enrollment(ground, person, photos.len()).await;
            let stored = enrollments::find(&mut conn, ground.organization, id).await.expect("an enrollment").photos;
            let copies = |angle: f32, count: usize| (1..=count).map(move |n| face(angle + n as f32 / 50.0));
            let mut verdicts = Vec::new();
            for (photo, (angle, quality, count)) in stored.iter().zip(photos) {
                let augmented: Vec<Embedding> = copies(*angle, *count).collect();
                let samples = model.entry(person).or_default();
                samples.push((face(*angle), f32::from(*quality)));
                samples.extend(augmented.iter().map(|copy| (copy.clone(), f32::from(*quality))));
                let verdict = PhotoVerdict::Accepted { embedding: face(*angle), augmented, quality: *quality };
                verdicts.push((photo.id, verdict));
            }
            let before = revision(&mut conn, ground.organization).await.expect("a revision");
            let finished = judge(ground, id, &verdicts, None).await.expect("an end");
            assert!(finished.template_revision > before);
        }
        Deed::Replace(faces) => {
            let id = enrollment(ground, person, faces.len()).await;
            let photos = enrollments::find(&mut conn, ground.organization, id).await.expect("an enrollment").photos;
            let sample = |photo: domain::id::PhotoId, (angle, quality): &(f32, u8)| NewSample {
                photo,
                embedding: face(*angle),
                quality: *quality,
                origin: TemplateOrigin::Original,
            };
            let samples: Vec<NewSample> = photos.iter().zip(faces).map(|(photo, one)| sample(photo.id, one)).collect();
            let (sealer, organization) = (&ground.sealer, ground.organization);
            replace(&mut conn, sealer, organization, person, &of, &samples, at(9)).await.expect("a replacement");
            model.insert(person, faces.iter().map(|(angle, quality)| (face(*angle), f32::from(*quality))).collect());
        }
        Deed::Delete => {
            people::delete(&mut conn, ground.organization, person).await.expect("a deletion");
            model.insert(person, Vec::new());
        }
    }
}

fn check(model: &Model, pooled_ones: &Replica, samples: &Replica) {
    for (person, expected) in model {
        let weighted: Vec<(&Embedding, f32)> = expected.iter().map(|(face, weight)| (face, *weight)).collect();
        let found = pooled_ones.of(*person);
        match pooled(&weighted) {
            Some(one) => {
                assert_eq!(found.len(), 1, "exactly one for whoever has samples");
                assert!(found[0].similarity(&one) > 0.9999, "of all samples");
            }
            None => assert!(found.is_empty()),
        }
        let mut found = samples.of(*person);
        assert_eq!(found.len(), expected.len());
        for (face, _) in expected {
            let closest = found.iter().position(|sample| sample.similarity(face) > 0.999_999).expect("the sample");
            found.swap_remove(closest);
        }
    }
    assert!(samples.templates.keys().all(|id| !pooled_ones.templates.contains_key(id)), "no template is both");
}

#[test]
fn indexes_hold_one_pooled_template_per_person_or_all_samples() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let ground = runtime.block_on(Ground::new());
    let deeds = prop::collection::vec((0usize..3, deed()), 1..10);
    let config = Config { cases: 16, failure_persistence: None, ..Config::default() };
    let number = std::sync::atomic::AtomicUsize::new(0);
    let outcome = TestRunner::new(config).run(&deeds, |deeds| {
        runtime.block_on(async {
            let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let ground = ground.another(&format!("Case {number}")).await;
            let (course, mut everyone) = class(&ground, 3).await;
            let mut model = Model::new();
            let (mut pooled_ones, mut samples) = (Replica::default(), Replica::default());
            for (number, (who, deed)) in deeds.iter().enumerate() {
                carry_out(&ground, &mut model, everyone[*who], deed).await;
                if matches!(deed, Deed::Delete) {
                    let mut conn = ground.conn().await;
                    everyone[*who] = person(&mut conn, ground.organization, &format!("new {number}")).await;
                    let add = rosters::add(&mut conn, ground.organization, course, &[everyone[*who]], at(0)).await;
                    add.expect("a roster");
                }
                // One follows all along, the other asks once at the end.
                pooled_ones.follow(&ground, Gallery::Pooled).await;
            }
            samples.follow(&ground, Gallery::Samples).await;
            check(&model, &pooled_ones, &samples);
            let mut late = Replica::default();
            late.follow(&ground, Gallery::Pooled).await;
            assert_eq!(late.templates, pooled_ones.templates);
            for (gallery, replica) in [(Gallery::Pooled, &pooled_ones), (Gallery::Samples, &samples)] {
                let loaded = roster(&ground, course, gallery).await.templates;
                let loaded: HashMap<_, _> = loaded.into_iter().map(|t| (t.id, (t.person_id, t.embedding))).collect();
                assert_eq!(loaded, replica.templates, "a roster and an index agree");
            }
        });
        Ok(())
    });
    outcome.expect("holds for all");
}

#[tokio::test]
async fn samples_that_cancel_out_still_have_a_template() {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, 1).await;
    let id = enrollment(&ground, everyone[0], 2).await;
    let photos = enrollments::find(&mut *ground.conn().await, ground.organization, id).await.unwrap().photos;
    let opposite = |values: Vec<f32>| Embedding::normalized(values).expect("a direction");
    let faces = [opposite(vec![1.0, 0.0]), opposite(vec![-1.0, 0.0])];
    let verdicts: Vec<_> = photos.iter().zip(faces).map(|(p, face)| (p.id, crate::fixtures::accepted(face))).collect();
    judge(&ground, id, &verdicts, None).await.unwrap();
    assert_eq!(roster(&ground, course, Gallery::Pooled).await.templates.len(), 1);
}

#[tokio::test]
async fn whoever_was_enrolled_before_there_were_pooled_templates_gets_one() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let (course, everyone) = class(&ground, 3).await;
    enroll(&ground, everyone[0], 2).await;
    enroll(&ground, everyone[1], 1).await;
    let mut conn = ground.conn().await;
    assert!(unpooled(&mut conn, None, 10).await.unwrap().is_empty());
    diesel_async::RunQueryDsl::execute(diesel::sql_query("DELETE FROM templates WHERE origin = 'pooled'"), &mut conn)
        .await
        .unwrap();
    let of = |person_id| Unpooled { organization_id: organization, person_id, contract: contract() };
    let first = unpooled(&mut conn, None, 1).await.unwrap();
    assert_eq!(first, [of(everyone[0])]);
    assert_eq!(unpooled(&mut conn, first.last(), 9).await.unwrap(), [of(everyone[1])]);
    let version = rosters::version(&mut conn, organization, course).await.unwrap();
    for person in &everyone[..2] {
        pool_samples(&mut conn, &ground.sealer, &of(*person), at(5)).await.unwrap();
    }
    assert!(unpooled(&mut conn, None, 10).await.unwrap().is_empty());
    let loaded = roster(&ground, course, Gallery::Pooled).await;
    assert_eq!((Some(loaded.version), loaded.templates.len()), (version.map(|v| v + 2), 2));
    assert!(loaded.templates[0].embedding.similarity(&face(0.05)) > 0.9999);

    // Nothing of another organization, and nothing where there is nothing.
    let elsewhere = ground.another("Elsewhere").await;
    let foreign = Unpooled { organization_id: elsewhere.organization, ..of(everyone[0]) };
    let result = pool_samples(&mut conn, &ground.sealer, &foreign, at(5)).await;
    assert!(matches!(result, Err(store::StoreError::NotFound)), "{result:?}");
    pool_samples(&mut conn, &ground.sealer, &of(everyone[2]), at(5)).await.unwrap();
    assert_eq!(roster(&ground, course, Gallery::Pooled).await.templates.len(), 2);
}
