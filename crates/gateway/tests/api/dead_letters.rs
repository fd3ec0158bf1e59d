//! Jobs that failed too often, as administrators of the installation see them and deal with them.

use chrono::Utc;
use messaging::{ClassPhotoJob, EnrollmentJob};
use serde_json::{Value, json};
use testkit::network::Proxy;

use crate::app::{TestApp, TestOrganization, eventually, in_time};
use crate::client::Client;
use crate::pictures::jpeg;

/// Enrolls somebody; a worker takes the job and cannot do it. The enrollment stays pending.
async fn dead_enrollment(app: &TestApp, organization: &TestOrganization, name: &str) -> EnrollmentJob {
    let person = organization.person(name).await;
    let id = organization.teacher.enroll(&person, &[("a.jpg", &jpeg(64, 64))]).await.id();
    let mut worker = app.broker().await.consume_enrollments(1);
    let delivery = in_time(worker.next()).await;
    let job = delivery.payload.clone();
    assert_eq!(job.enrollment_id.to_string(), id);
    delivery.dead_letter().await.expect("it is laid aside");
    worker.stop().await.expect("a consumer that ends");
    job
}

/// The letters, once there are as many as expected.
async fn letters(admin: &Client, count: usize) -> Vec<Value> {
    eventually(async || {
        let listed = admin.get("/dead-letters").await;
        let items = listed.body["items"].as_array().unwrap_or_else(|| panic!("no letters but {listed}")).clone();
        (items.len() == count).then_some(items)
    })
    .await
}

fn id(letter: &Value) -> &str {
    letter["id"].as_str().expect("an id")
}

async fn retry(admin: &Client, letter: &Value) -> (u16, String) {
    let answer = admin.post(&format!("/dead-letters/{}/retry", id(letter)), &json!({})).await;
    (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default().to_owned())
}

async fn discard(admin: &Client, letter: &Value) -> u16 {
    admin.delete(&format!("/dead-letters/{}", id(letter))).await.status.as_u16()
}

/// Waits until this many enrollments wait and lie aside.
async fn wait_for(app: &TestApp, enrollments: u32, dead: u32) {
    let broker = app.broker().await;
    eventually(async || {
        let depths = broker.depths().await.expect("a broker");
        ((depths.enrollments, depths.dead) == (enrollments, dead)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn dead_letters_say_what_they_are_about_and_stay_where_they_are() {
    let app = TestApp::start().await;
    let (organization, admin) = (app.organization().await, app.installation_admin().await);
    let job = dead_enrollment(&app, &organization, "ADA").await;
    let session = organization.active_session("BIO").await;
    let photo = organization.teacher.send_class_photo(&session.id, "", "image/jpeg", &jpeg(64, 64)).await.id();
    let mut worker = app.broker().await.consume_class_photos(1);
    in_time(worker.next()).await.dead_letter().await.expect("it is laid aside");
    let found = letters(&admin, 2).await;
    for _ in 0..3 {
        assert_eq!(letters(&admin, 2).await, found, "looking changes nothing");
    }
    let of_enrollment = admin.get("/dead-letters?queue=enrollments").await.body["items"][0].clone();
    let of_photo = admin.get("/dead-letters?queue=photos").await.body["items"][0].clone();
    assert!(found.contains(&of_enrollment) && found.contains(&of_photo), "{found:?}");
    let died_at: chrono::DateTime<Utc> =
        of_enrollment["died_at"].as_str().expect("a time").parse().expect("a time in ISO 8601");
    assert!((Utc::now() - died_at).num_seconds() < 60);
    let enrollment = organization.teacher.get(&format!("/enrollments/{}", job.enrollment_id)).await;
    assert_eq!(
        of_enrollment,
        json!({
            "id": id(&of_enrollment), "queue": "enrollments", "died_at": of_enrollment["died_at"], "reason": "rejected",
            "content_type": "application/json", "bytes": serde_json::to_vec(&job).expect("JSON").len(),
            "organization_id": organization.id, "enrollment_id": job.enrollment_id,
            "person_id": enrollment.body["person_id"], "class_photo_id": null, "session_id": null,
            "state": "pending", "can_retry": true,
        })
    );
    assert_eq!(of_photo["class_photo_id"], json!(photo));
    assert_eq!((&of_photo["session_id"], &of_photo["state"]), (&json!(session.id), &json!("pending")));
    assert_eq!(admin.get("/dead-letters?queue=frames").await.code(), "invalid_query");

    let standings = eventually(async || {
        let queues = admin.get("/queues").await.body["items"].clone();
        (queues[3]["dead_letters"] == json!(1)).then_some(queues)
    })
    .await;
    let told = |at: usize| json!([standings[at]["name"], standings[at]["ready"], standings[at]["dead_letters"]]);
    assert_eq!([told(0), told(1)], [json!(["frames", 0, null]), json!(["looks", 0, null])]);
    assert_eq!([told(2), told(3)], [json!(["enrollments", 0, 1]), json!(["photos", 0, 1])]);
    assert!(standings.as_array().expect("queues").iter().all(|queue| queue["purpose"] != json!("")));
}

#[tokio::test]
async fn a_letter_that_is_retried_goes_to_the_workers_and_is_written_down() {
    let app = TestApp::start().await;
    let (organization, admin) = (app.organization().await, app.installation_admin().await);
    let first = dead_enrollment(&app, &organization, "ADA").await;
    let second = dead_enrollment(&app, &organization, "BEA").await;
    let found = letters(&admin, 2).await;
    let letter = found.iter().find(|letter| letter["enrollment_id"] == json!(first.enrollment_id)).expect("a letter");
    assert_eq!(retry(&admin, letter).await, (204, String::new()));
    assert_eq!(app.next_job().await, first);
    let left = letters(&admin, 1).await;
    assert_eq!(left[0]["enrollment_id"], json!(second.enrollment_id));
    assert_eq!(retry(&admin, letter).await, (404, "not_found".to_owned()), "it is no dead letter any more");
    assert_eq!(discard(&admin, letter).await, 404);
    let log = app.audit(Some(organization.id)).await;
    let told: Vec<_> = log.iter().filter(|(action, _)| action.starts_with("dead_letter")).cloned().collect();
    assert_eq!(told, [("dead_letter_retried".to_owned(), Some(first.enrollment_id.uuid()))]);
}

#[tokio::test]
async fn what_is_over_is_discarded_and_not_retried() {
    let app = TestApp::start().await;
    let (organization, admin) = (app.organization().await, app.installation_admin().await);
    let job = dead_enrollment(&app, &organization, "ADA").await;
    let mut conn = app.connection().await;
    // As a worker does with what the models fail over.
    store::enrollments::fail(&mut conn, job.organization_id, job.enrollment_id, Utc::now()).await.expect("it ends");
    // And of an organization that is not there.
    let stranger = ClassPhotoJob::new(domain::id::Id::new(), domain::id::Id::new());
    let broker = app.broker().await;
    broker.publish_class_photo(&stranger).await.expect("it is sent");
    in_time(broker.consume_class_photos(1).next()).await.dead_letter().await.expect("it is laid aside");
    let found = letters(&admin, 2).await;
    let states = |state: &str| found.iter().find(|letter| letter["state"] == json!(state)).expect("a letter");
    let (failed, gone) = (states("failed"), states("gone"));
    for letter in [failed, gone] {
        assert_eq!(letter["can_retry"], json!(false));
        assert_eq!(retry(&admin, letter).await, (409, "nothing_to_retry".to_owned()));
    }
    letters(&admin, 2).await;
    wait_for(&app, 0, 1).await;
    assert_eq!((discard(&admin, failed).await, discard(&admin, gone).await), (204, 204));
    assert_eq!(letters(&admin, 0).await, Vec::<Value>::new());
    let log = app.audit(Some(organization.id)).await;
    assert_eq!(log.last(), Some(&("dead_letter_discarded".to_owned(), Some(job.enrollment_id.uuid()))));
    let log = app.audit(None).await;
    assert_eq!(log.last(), Some(&("dead_letter_discarded".to_owned(), Some(stranger.class_photo_id.uuid()))));
}

#[tokio::test]
async fn two_who_deal_with_one_letter_at_once_lose_nothing() {
    let app = TestApp::start().await;
    let (organization, admin) = (app.organization().await, app.installation_admin().await);
    for name in ["ADA", "BEA", "CEA"] {
        dead_enrollment(&app, &organization, name).await;
    }
    let found = letters(&admin, 3).await;
    // Whoever looks while the other one does sees all the same: nothing is hidden in somebody's hands.
    let (one, other) = tokio::join!(admin.get("/dead-letters"), admin.get("/dead-letters"));
    assert_eq!((one.body["items"].as_array(), other.body["items"].as_array()), (Some(&found), Some(&found)));
    let (one, other) = tokio::join!(retry(&admin, &found[1]), retry(&admin, &found[1]));
    let mut answers = [one.0, other.0];
    answers.sort_unstable();
    assert_eq!(answers, [204, 404]);
    wait_for(&app, 1, 2).await;
    let (one, other) = tokio::join!(retry(&admin, &found[0]), discard(&admin, &found[2]));
    assert_eq!((one.0, other), (204, 204));
    wait_for(&app, 2, 0).await;
    let mut jobs = [app.next_job().await.enrollment_id, app.next_job().await.enrollment_id].map(|id| json!(id));
    let mut expected = [found[0]["enrollment_id"].clone(), found[1]["enrollment_id"].clone()];
    jobs.sort_by_key(ToString::to_string);
    expected.sort_by_key(ToString::to_string);
    assert_eq!(jobs, expected);
}

#[tokio::test]
async fn whoever_dies_between_sending_and_settling_leaves_the_letter() {
    let app = TestApp::start().await;
    let (organization, admin) = (app.organization().await, app.installation_admin().await);
    let job = dead_enrollment(&app, &organization, "ADA").await;
    let found = letters(&admin, 1).await;
    // The change cannot be written down, after the job was sent and before the letter is settled.
    app.execute(
        "CREATE FUNCTION refuse_letters() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN IF NEW.action LIKE 'dead_letter%' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$",
    )
    .await;
    app.execute(
        "CREATE TRIGGER refuse_letters BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_letters()",
    )
    .await;
    assert_eq!(retry(&admin, &found[0]).await.0, 500);
    assert_eq!(discard(&admin, &found[0]).await, 500);
    wait_for(&app, 1, 1).await;
    assert_eq!(letters(&admin, 1).await, found);
    app.execute("DROP TRIGGER refuse_letters ON audit_entries").await;
    assert_eq!(retry(&admin, &found[0]).await.0, 204);
    wait_for(&app, 2, 0).await;
    assert_eq!((app.next_job().await, app.next_job().await), (job.clone(), job));
}

#[tokio::test]
async fn without_the_broker_nothing_is_shown_and_nothing_is_lost() {
    let url = testkit::servers().expect("servers").broker_url().expect("a broker").to_owned();
    let (proxy, address) = Proxy::in_front_of(&url).await.expect("a proxy");
    let app = TestApp::start_with(|settings| settings.broker.url = address.into()).await;
    let (organization, admin) = (app.organization().await, app.installation_admin().await);
    dead_enrollment(&app, &organization, "ADA").await;
    let found = letters(&admin, 1).await;
    proxy.cut();
    for path in ["/queues", "/dead-letters"] {
        let refused = admin.get(path).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (503, "unavailable"), "{path}");
        assert_eq!(refused.header("retry-after"), "5");
    }
    assert_eq!(retry(&admin, &found[0]).await, (503, "unavailable".to_owned()));
    assert_eq!(discard(&admin, &found[0]).await, 503);
    proxy.heal();
    let again = eventually(async || {
        let listed = admin.get("/dead-letters").await;
        (listed.status == 200 && listed.body["items"] != json!([])).then_some(listed)
    });
    assert_eq!(again.await.body["items"], json!(found));
}
