//! Going back to the first version, and forward again, with rows in all tables.

use diesel_async::SimpleAsyncConnection;
use domain::class_photo::ClassPhotoFailure;
use domain::enrollment::{Duplicate, EnrollmentState, Gallery, PhotoRejection, PhotoVerdict};
use domain::guided::{Advice, CaptureState, GuidedCapture, Step, poses};
use domain::id::Id;
use domain::organization::RecognitionPolicy;
use domain::sighting::Outcome;
use store::class_photos::NewClassPhoto;
use store::{
    attendance, class_photos, enrollments, guided, organizations, rosters, sessions, sightings, templates, transaction,
};

use crate::fixtures::{
    Ground, active_session, at, class, contract, enroll, enrollment, evidence, frame, judge, roster, seen, sighting,
    stored_bytes,
};
use crate::schema::{declared, migrated};

macro_rules! migration {
    ($name:literal) => {
        [
            include_str!(concat!("../../../../migrations/", $name, "/up.sql")),
            include_str!(concat!("../../../../migrations/", $name, "/down.sql")),
        ]
    };
}

/// All but the first, each with its way up and its way down.
const MIGRATIONS: &[[&str; 2]] = &[
    migration!("2026-11-21-000002_trust"),
    migration!("2026-11-21-000003_institution"),
    migration!("2026-11-21-000004_access"),
    migration!("2026-11-21-000005_people"),
    migration!("2026-11-21-000006_timetable"),
    migration!("2026-11-21-000007_attendance"),
    migration!("2026-11-21-000008_keys"),
    migration!("2026-11-21-000009_rejections"),
    migration!("2026-11-21-000010_indexes"),
    migration!("2026-11-21-000011_cameras"),
    migration!("2026-11-21-000012_enrollments_by_state"),
];

#[tokio::test]
async fn down_and_up_again_keeps_people_and_samples_and_forgets_what_is_new() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let (course, everyone) = class(&ground, 3).await;
    let mut conn = ground.conn().await;
    let policy = RecognitionPolicy { retain_photos: true, ..RecognitionPolicy::default() };
    organizations::set_policy(&mut conn, organization, &policy).await.unwrap();
    enroll(&ground, everyone[0], 2).await;
    let retained = enrollments::list(&mut conn, organization, Some(everyone[0]), None, 1).await.unwrap().remove(0);

    let suspected = enrollment(&ground, everyone[1], 1).await;
    let photo = enrollments::find(&mut conn, organization, suspected).await.unwrap().photos[0].id;
    let duplicate = Some(Duplicate { person_id: everyone[0], similarity: 0.9 });
    judge(&ground, suspected, &[(photo, crate::fixtures::accepted(crate::fixtures::face(0.0)))], duplicate)
        .await
        .unwrap();
    let refused = enrollment(&ground, everyone[1], 1).await;
    let photo = enrollments::find(&mut conn, organization, refused).await.unwrap().photos[0].id;
    let blurred = PhotoVerdict::Rejected { reason: PhotoRejection::FaceBlurred, quality: Some(9) };
    judge(&ground, refused, &[(photo, blurred)], None).await.unwrap();

    let session = active_session(&mut conn, organization, course).await;
    let mut result = seen(&everyone[..1], at(2));
    result.sightings.push(sighting(1, Some(everyone[1]), Outcome::Likely));
    sightings::record(&mut conn, &frame(&session, at(1)), &result, &evidence()).await.unwrap();
    let over = active_session(&mut conn, organization, course).await;
    sightings::record(&mut conn, &frame(&over, at(1)), &seen(&everyone[..1], at(2)), &evidence()).await.unwrap();
    sightings::record(&mut conn, &frame(&over, at(31)), &seen(&everyone[..1], at(32)), &evidence()).await.unwrap();
    sessions::close(&mut conn, organization, over.id, at(99)).await.unwrap();
    rosters::remove(&mut conn, organization, course, &everyone[2..], at(200)).await.unwrap();
    let stood = attendance::list(&mut conn, organization, over.id).await.unwrap();
    let photo = NewClassPhoto {
        id: Id::new(),
        organization_id: organization,
        session_id: session.id,
        file_name: "class.jpg".to_owned(),
        image: vec![1; 100],
        annotate: false,
    };
    let photo = class_photos::insert(&mut conn, &ground.sealer, photo, at(1)).await.unwrap();
    let failure = Err(ClassPhotoFailure::FaceNotFound);
    class_photos::finish(&mut conn, organization, photo.id, failure, at(2)).await.unwrap();
    let capture = GuidedCapture {
        id: Id::new(),
        organization_id: organization,
        person_id: everyone[2],
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
    let (sealer, wait) = (&ground.sealer, Step::Wait(Advice::ComeCloser));
    guided::step(&mut conn, sealer, organization, capture.id, 0, wait, None, at(1)).await.unwrap();

    for [_, down] in MIGRATIONS.iter().rev() {
        conn.batch_execute(down).await.unwrap();
    }
    let query = "SELECT image AS bytes FROM enrollment_photos WHERE id = $1";
    assert_eq!(stored_bytes(&ground, query, retained.photos[0].id.uuid()).await, None, "nothing is retained any more");
    for [up, _] in MIGRATIONS {
        conn.batch_execute(up).await.unwrap();
    }
    assert_eq!(declared(), migrated(&ground).await);

    // Who was there stays, though nobody knows any more from when to when they were on the roster.
    assert_eq!(attendance::list(&mut conn, organization, over.id).await.unwrap(), stood);
    let changes = attendance::changes(&mut conn, organization, over.id, 0, 9).await.unwrap();
    assert_eq!(changes.iter().map(|change| change.number).collect::<Vec<_>>(), [1, 2, 3]);
    for session in [session.id, over.id] {
        let reckoned =
            transaction::run(&mut conn, async |tx| attendance::recompute(tx, organization, session, at(999)).await);
        assert_eq!(reckoned.await.unwrap(), []);
    }

    let found = organizations::find(&mut conn, organization).await.unwrap();
    assert_eq!((found.contract, found.policy), (Some(contract()), RecognitionPolicy::default()));
    let samples = roster(&ground, course, Gallery::Samples).await.templates;
    assert_eq!(samples.iter().map(|template| template.quality).collect::<Vec<_>>(), [90.0, 90.0]);
    assert_eq!(templates::unpooled(&mut conn, None, 9).await.unwrap().len(), 1, "for the scheduler to make");
    let found = enrollments::find(&mut conn, organization, suspected).await.unwrap();
    assert_eq!((found.state, found.duplicate), (EnrollmentState::Failed, None));
    let found = enrollments::find(&mut conn, organization, refused).await.unwrap();
    assert_eq!(found.photos[0].rejection, Some(PhotoRejection::FaceNotFound), "a word that was known before");
    let listed = sightings::list(&mut conn, organization, session.id, None, 9).await.unwrap();
    assert_eq!(listed.iter().map(|s| s.sighting.outcome).collect::<Vec<_>>(), [Outcome::Present]);
    assert_eq!(class_photos::list(&mut conn, organization, session.id, None, 9).await.unwrap(), []);
}
