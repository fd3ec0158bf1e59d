//! Those who guess passwords.

use insta::assert_snapshot;
use serde_json::json;
use uuid::Uuid;

use crate::app::{PASSWORD, TestApp};

#[tokio::test]
async fn after_five_failures_there_is_no_answer_right_or_wrong() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let me = organization.teacher.get("/users/me").await;
    let (email, nobody) = (me.text("email"), app.anonymous());
    for attempt in 0..5 {
        // In whatever case, by whichever door.
        let answer = match attempt % 2 {
            0 => nobody.log_in(&email.to_uppercase(), "a guess").await,
            _ => nobody.post("/auth/login", &json!({"email": email, "password": "a guess"})).await,
        };
        assert_eq!(answer.code(), "invalid_credentials", "{attempt}");
    }
    let locked = nobody.log_in(&email, PASSWORD).await;
    assert_eq!((locked.status.as_u16(), locked.code()), (429, "too_many_attempts"), "{locked}");
    let seconds: u64 = locked.header("retry-after").parse().expect("seconds");
    assert!((840..=900).contains(&seconds), "{seconds}");
    assert_eq!(organization.teacher.get("/users/me").await.status, 200, "who is in stays in");

    let other = organization.admin.get("/users/me").await.text("email");
    assert_eq!(nobody.log_in(&other, PASSWORD).await.status, 200, "others are not concerned");
    let (log, id) = (app.audit(Some(organization.id)).await, me.id().parse::<Uuid>().ok());
    assert_eq!(log.iter().filter(|entry| **entry == ("user_locked_out".to_owned(), id)).count(), 1);

    // An admin who gives them another password lets them in.
    let path = format!("/users/{}/reset-password", me.id());
    let new = "another long password";
    assert_eq!(organization.admin.post(&path, &json!({"new_password": new})).await.status, 204);
    assert_eq!(nobody.log_in(&email, new).await.status, 200);
}

#[tokio::test]
async fn an_address_that_nobody_has_is_locked_too() {
    let app = TestApp::start_with(|settings| settings.auth.lockout_attempts = 2).await;
    let guess = async || app.anonymous().log_in("nobody@example.org", "a guess").await;
    assert_eq!(guess().await.code(), "invalid_credentials");
    assert_eq!(guess().await.code(), "invalid_credentials");
    let locked = guess().await;
    assert_eq!(locked.code(), "too_many_attempts");
    let detail = locked.text("detail");
    assert!(detail.starts_with("too many attempts have failed"), "{detail}");
    assert_eq!(app.audit(None).await, [("user_locked_out".to_owned(), None)]);
}

#[tokio::test]
async fn a_success_forgets_the_failures_before_it() {
    let app = TestApp::start_with(|settings| settings.auth.lockout_attempts = 2).await;
    let email = app.installation_admin().await.get("/users/me").await.text("email");
    for _ in 0..3 {
        assert_eq!(app.anonymous().log_in(&email, "a guess").await.code(), "invalid_credentials");
        assert_eq!(app.anonymous().log_in(&email, PASSWORD).await.status, 200);
    }
}

#[tokio::test]
async fn of_many_guesses_at_once_no_more_than_allowed_are_answered() {
    let app = TestApp::start_with(|settings| settings.auth.lockout_attempts = 3).await;
    let email = app.installation_admin().await.get("/users/me").await.text("email");
    let nobody = app.anonymous();
    let guesses = futures_util::future::join_all((0..12).map(|_| nobody.log_in(&email, "a guess"))).await;
    let answered = guesses.iter().filter(|answer| answer.code() == "invalid_credentials").count();
    assert_eq!(answered, 3);
    assert!(guesses.iter().all(|answer| ["invalid_credentials", "too_many_attempts"].contains(&answer.code())));
}

#[tokio::test]
async fn whoever_guesses_with_a_token_is_locked_too() {
    let app = TestApp::start_with(|settings| settings.auth.lockout_attempts = 2).await;
    let teacher = app.organization().await.teacher;
    let change = json!({"current_password": "a guess of mine", "new_password": "another long password"});
    let wrong = teacher.post("/users/me/password", &change).await;
    assert_snapshot!(wrong, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "wrong",
          "detail": "is not the password",
          "pointer": "/current_password"
        }
      ],
      "instance": "/api/v1/users/me/password",
      "request_id": "[id]",
      "status": 422,
      "title": "Invalid request",
      "type": "/docs/errors.md#invalid_request"
    }
    "#);
    teacher.post("/users/me/password", &change).await;
    assert_eq!(teacher.post("/users/me/password", &change).await.code(), "too_many_attempts");
}
