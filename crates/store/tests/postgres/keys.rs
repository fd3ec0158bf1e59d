//! Keys of people, and sealing anew.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::sql_types::{Bytea, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::enrollment::{Gallery, TemplateOrigin};
use domain::geometry::Point;
use domain::guided::{CaptureState, GuidedCapture, Step, TakenPose, poses};
use domain::id::{GuidedCaptureId, Id, PersonId};
use domain::organization::RecognitionPolicy;
use store::class_photos::NewClassPhoto;
use store::rotation::{OF_PEOPLE, OF_THE_INSTALLATION, Resealed, reseal, snapshots_left};
use store::templates::retained_photos;
use store::{
    DatabaseSettings, Sealer, StoreError, class_photos, enrollments, erasures, guided, keys, organizations, rosters,
};
use uuid::Uuid;

use crate::fixtures::{
    Ground, active_session, at, changes, class, contract, enroll, enrollment, face, person, roster, settings,
};

#[derive(diesel::QueryableByName)]
struct Stored {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Bytea)]
    bytes: Vec<u8>,
}

/// The sealed faces and pictures of a person, as they lie in the database.
async fn copy(ground: &Ground, person: PersonId) -> Vec<Stored> {
    let query = "SELECT id, embedding AS bytes FROM templates WHERE person_id = $1 UNION ALL \
         SELECT id, image FROM enrollment_photos WHERE image IS NOT NULL \
         AND enrollment_id IN (SELECT id FROM enrollments WHERE person_id = $1)";
    let mut conn = ground.conn().await;
    diesel::sql_query(query).bind::<SqlUuid, _>(person.uuid()).load(&mut conn).await.expect("rows")
}

async fn own_sealer(ground: &Ground, person: PersonId) -> Option<Sealer> {
    let (mut conn, organization) = (ground.conn().await, ground.organization);
    keys::existing(&mut conn, &ground.sealer, organization, &[person]).await.expect("keys").remove(&person)
}

async fn retain_photos(ground: &Ground) {
    let policy = RecognitionPolicy { retain_photos: true, ..RecognitionPolicy::default() };
    organizations::set_policy(&mut *ground.conn().await, ground.organization, &policy).await.expect("a policy");
}

/// Makes a person's rows what they were before people had keys.
async fn age(ground: &Ground, person: PersonId) {
    let own = own_sealer(ground, person).await.expect("a key");
    let mut conn = ground.conn().await;
    for Stored { id, bytes } in copy(ground, person).await {
        let sealed = ground.sealer.seal(id, &own.open(id, &bytes).expect("it opens"));
        for query in [
            "UPDATE templates SET embedding = $1 WHERE id = $2",
            "UPDATE enrollment_photos SET image = $1 WHERE id = $2",
        ] {
            let update = diesel::sql_query(query).bind::<Bytea, _>(&sealed).bind::<SqlUuid, _>(id);
            update.execute(&mut conn).await.expect("an update");
        }
    }
    assert!(keys::forget(&mut conn, ground.organization, person).await.expect("a deletion"));
}

/// The same installation with another master key, and perhaps still the one before.
fn rotated(ground: &Ground, keeps_old: bool) -> Ground {
    let before = settings("");
    let old_template_keys = if keeps_old { before.template_key.clone() } else { String::new().into() };
    let settings = DatabaseSettings { template_key: STANDARD.encode([9; 32]).into(), old_template_keys, ..before };
    ground.with_sealer(Sealer::of(&settings).expect("keys"))
}

#[tokio::test]
async fn everybody_has_a_key_of_their_own() {
    let ground = Ground::new().await;
    let (mut conn, organization, sealer) = (ground.conn().await, ground.organization, &ground.sealer);
    let mut people = Vec::new();
    for number in 0..50 {
        people.push(person(&mut conn, organization, &number.to_string()).await);
    }
    assert!(keys::existing(&mut conn, sealer, organization, &people).await.unwrap().is_empty());
    let first = keys::of_people(&mut conn, sealer, organization, &people[..20]).await.unwrap();
    let all = keys::of_people(&mut conn, sealer, organization, &people).await.unwrap();
    assert_eq!((first.len(), all.len()), (20, 50));
    let id = Uuid::now_v7();
    let sealed = first[&people[0]].seal(id, b"a face");
    assert_eq!(all[&people[0]].open(id, &sealed).unwrap(), b"a face");
    for other in [&all[&people[1]], sealer] {
        assert!(matches!(other.open(id, &sealed), Err(StoreError::Corrupt { .. })));
    }
    let nobody = keys::of_people(&mut conn, sealer, organization, &[people[0], Id::new()]).await;
    assert!(matches!(nobody, Err(StoreError::NotFound)), "{nobody:?}");
    let other = ground.another("Other").await.organization;
    let foreign = keys::of_person(&mut conn, sealer, other, people[0]).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)), "{foreign:?}");
}

#[tokio::test]
async fn a_key_that_many_make_at_once_is_one() {
    let ground = Ground::new().await;
    let person = person(&mut *ground.conn().await, ground.organization, "1").await;
    let making = (0..8).map(|_| {
        let (pool, sealer, organization) = (ground.pool.clone(), ground.sealer.clone(), ground.organization);
        tokio::spawn(async move {
            let mut conn = store::get(&pool).await.expect("a connection");
            keys::of_person(&mut conn, &sealer, organization, person).await.expect("a key")
        })
    });
    let made = futures_util::future::join_all(making).await;
    let made: Vec<Sealer> = made.into_iter().map(|made| made.expect("no panic")).collect();
    let id = Uuid::now_v7();
    for (one, other) in made.iter().zip(&made[1..]) {
        assert_eq!(other.open(id, &one.seal(id, b"a face")).unwrap(), b"a face");
    }
}

#[tokio::test]
async fn a_copy_from_before_an_erasure_does_not_open() {
    let ground = Ground::new().await;
    let (organization, sealer) = (ground.organization, &ground.sealer);
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 2).await;
    let person = everyone[0];
    retain_photos(&ground).await;
    enroll(&ground, person, 2).await;
    enroll(&ground, everyone[1], 1).await;
    let pending = enrollment(&ground, person, 1).await;

    let copied = copy(&ground, person).await;
    assert_eq!(copied.len(), 3 + 2 + 1, "templates, retained photos and one that waits");
    let own = own_sealer(&ground, person).await.expect("a key");
    assert!(copied.iter().all(|row| own.open(row.id, &row.bytes).is_ok()));
    erasures::erase(&mut conn, organization, person).await.unwrap();

    for row in &copied {
        let opened = sealer.open(row.id, &row.bytes);
        assert!(matches!(opened, Err(StoreError::Corrupt { .. })), "the master key alone opens a copy");
    }
    assert!(own_sealer(&ground, person).await.is_none());
    assert!(copy(&ground, person).await.is_empty());
    assert!(enrollments::load_job(&mut conn, sealer, organization, pending).await.unwrap().is_none());
    let loaded = roster(&ground, course, Gallery::Samples).await;
    assert!(loaded.templates.iter().all(|template| template.person_id == everyone[1]));
    let replayed = changes(&ground, Gallery::Samples, 0, 99).await;
    assert!(replayed.iter().all(|change| change.person_id == everyone[1] || change.embedding.is_none()));
}

#[tokio::test]
async fn poses_are_sealed_for_their_person() {
    let ground = Ground::new().await;
    let (organization, sealer) = (ground.organization, &ground.sealer);
    let mut conn = ground.conn().await;
    let person = person(&mut conn, organization, "1").await;
    let capture = GuidedCapture {
        id: Id::new(),
        organization_id: organization,
        person_id: person,
        state: CaptureState::Open,
        poses: poses(false),
        taken: 0,
        looks: 0,
        strikes: 0,
        advice: None,
        failure: None,
        enrollment_id: None,
        created_at: at(0),
        expires_at: at(180),
    };
    guided::insert(&mut conn, &capture).await.unwrap();
    let pose = TakenPose { landmarks: [Point { x: 1.0, y: 2.0 }; 5], embedding: face(0.5) };
    let taken = Some((pose.clone(), vec![1; 100]));
    guided::step(&mut conn, sealer, organization, capture.id, 0, Step::Take, taken, at(1)).await.unwrap();
    let load = async |id: GuidedCaptureId| guided::load(&mut *ground.conn().await, sealer, organization, id).await;
    assert_eq!(load(capture.id).await.unwrap().expect("the capture").1, [pose]);
    keys::forget(&mut conn, organization, person).await.unwrap();
    assert!(matches!(load(capture.id).await, Err(StoreError::Corrupt { .. })));
}

#[tokio::test]
async fn what_was_sealed_before_there_were_keys_opens_and_is_sealed_anew() {
    let ground = Ground::new().await;
    let (organization, sealer) = (ground.organization, &ground.sealer);
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 2).await;
    retain_photos(&ground).await;
    for person in &everyone {
        enroll(&ground, *person, 2).await;
    }
    let pending = enrollment(&ground, everyone[0], 1).await;
    let before = (roster(&ground, course, Gallery::Samples).await, changes(&ground, Gallery::Pooled, 0, 99).await);
    for person in &everyone {
        age(&ground, *person).await;
    }
    let now =
        || async { (roster(&ground, course, Gallery::Samples).await, changes(&ground, Gallery::Pooled, 0, 99).await) };
    assert_eq!(now().await, before);
    let waiting = enrollments::load_job(&mut conn, sealer, organization, pending).await.unwrap().expect("a job");
    assert_eq!(waiting.images.len(), 1);
    assert_eq!(retained_photos(&mut conn, sealer, organization, everyone[0]).await.unwrap().len(), 2);

    // Whoever is enrolled again has old and new ones side by side.
    enroll(&ground, everyone[1], 1).await;
    let mixed = now().await;
    assert_eq!(mixed.0.templates.iter().filter(|t| t.origin == TemplateOrigin::Original).count(), 5);

    let done = reseal(&mut conn, sealer).await.unwrap();
    let counted: Vec<_> = done.iter().map(|done| (done.column.as_str(), done.rows, done.resealed)).collect();
    let expected = [
        ("person_keys.key", 1, 0),
        ("class_photos.image", 0, 0),
        ("person_pins.pin", 0, 0),
        ("templates.embedding", 5, 5),
        ("enrollment_photos.image", 5, 5),
    ];
    assert_eq!(counted, expected);
    assert_eq!(now().await, mixed);
    for person in &everyone {
        for row in copy(&ground, *person).await {
            assert!(sealer.open(row.id, &row.bytes).is_err(), "the master key alone opens no face any more");
        }
    }
    assert!(reseal(&mut conn, sealer).await.unwrap().iter().all(|done| done.resealed == 0));
}

#[tokio::test]
async fn after_rotation_the_old_key_is_not_needed() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 120).await;
    retain_photos(&ground).await;
    for person in &everyone[..3] {
        enroll(&ground, *person, 1).await;
    }
    // More than one batch.
    keys::of_people(&mut conn, &ground.sealer, organization, &everyone).await.unwrap();
    age(&ground, everyone[2]).await;
    let session = active_session(&mut conn, organization, course).await;
    let photo = NewClassPhoto {
        id: Id::new(),
        organization_id: organization,
        session_id: session.id,
        file_name: "class.jpg".to_owned(),
        image: vec![1; 100],
        annotate: false,
    };
    let photo = class_photos::insert(&mut conn, &ground.sealer, photo, at(1)).await.unwrap().id;
    store::check_ins::set_pin(&mut conn, &ground.sealer, organization, everyone[0], "4711", at(1)).await.unwrap();
    let before = roster(&ground, course, Gallery::Samples).await;

    let (during, after) = (rotated(&ground, true), rotated(&ground, false));
    assert_eq!(roster(&during, course, Gallery::Samples).await, before);
    let broken =
        rosters::load(&mut conn, &after.sealer, organization, course, Some(&contract()), Gallery::Samples).await;
    assert!(matches!(broken, Err(StoreError::Corrupt { .. })));

    let done = reseal(&mut conn, &during.sealer).await.unwrap();
    let resealed: Vec<_> = done.iter().map(|done| done.resealed).collect();
    assert_eq!(resealed, [119, 1, 1, 2, 1], "{done:?}");
    assert_eq!(roster(&after, course, Gallery::Samples).await, before);
    assert_eq!(
        changes(&after, Gallery::Pooled, 0, 99).await.len(),
        changes(&during, Gallery::Pooled, 0, 99).await.len()
    );
    let job = class_photos::load_job(&mut conn, &after.sealer, organization, photo).await.unwrap().expect("a job");
    assert_eq!(job.image, Some(vec![1; 100]));
    assert_eq!(retained_photos(&mut conn, &after.sealer, organization, everyone[2]).await.unwrap().len(), 1);
    enroll(&after, everyone[4], 1).await;
    let gone =
        rosters::load(&mut conn, &ground.sealer, organization, course, Some(&contract()), Gallery::Samples).await;
    assert!(matches!(gone, Err(StoreError::Corrupt { .. })), "the old key opens nothing any more");
    assert_eq!(snapshots_left(&mut conn, &after.sealer).await.unwrap(), 0);
}

#[tokio::test]
async fn what_no_key_opens_is_named_and_left() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let people = class(&ground, 2).await.1;
    enroll(&ground, people[0], 1).await;
    enroll(&ground, people[1], 1).await;
    let stranger = rotated(&ground, false);
    let done = reseal(&mut conn, &stranger.sealer).await.unwrap();
    let mut broken: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    broken.sort();
    let column = "person_keys.key".to_owned();
    assert_eq!(done[0], Resealed { column, rows: 2, resealed: 0, broken });
    assert!(reseal(&mut conn, &ground.sealer).await.unwrap().iter().all(|done| done.broken.is_empty()));
}

/// Columns of bytes that are not sealed with the master key: hashes, and what is sealed with a person's key from the start.
const NOT_ROTATED: &[&str] = &[
    "audit_entries.hash",
    "cameras.key_hash",
    "check_in_devices.device",
    "erasure_receipts.audit_hash",
    "guided_poses.embedding",
    "guided_poses.image",
    "idempotency_keys.request_hash",
    "login_attempts.address_hash",
    "pin_failures.subject",
    "refresh_tokens.hash",
    "rejections.embedding",
    "sighting_faces.embedding",
];

#[tokio::test]
async fn every_sealed_column_is_rotated() {
    #[derive(diesel::QueryableByName)]
    struct Column {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let ground = Ground::new().await;
    let query = "SELECT table_name || '.' || column_name AS name FROM information_schema.columns \
                 WHERE table_schema = 'public' AND udt_name = 'bytea'";
    let columns: Vec<Column> = diesel::sql_query(query).load(&mut *ground.conn().await).await.unwrap();
    let of_the_installation = OF_THE_INSTALLATION.iter().map(|(table, _, column)| format!("{table}.{column}"));
    let of_people = OF_PEOPLE.iter().map(|(table, _, column, _)| format!("{table}.{column}"));
    let known: BTreeSet<String> =
        of_the_installation.chain(of_people).chain(NOT_ROTATED.iter().map(|name| (*name).to_owned())).collect();
    let found: BTreeSet<String> = columns.into_iter().map(|column| column.name).collect();
    assert_eq!(found, known, "add the column to store::rotation, or to NOT_ROTATED where no master key seals it");
}
