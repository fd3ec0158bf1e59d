//! Requests as sentences, and answers that can be shown.

use std::fmt;

use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

/// Somebody who sends requests.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    bearer: Option<String>,
    organization_id: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Client {
    /// Nobody in particular, at the gateway at `base`.
    pub(crate) fn anonymous(base: &str) -> Self {
        Self { http: reqwest::Client::new(), base: base.to_owned(), bearer: None, organization_id: None }
    }

    /// The same, with a token or a camera's key.
    pub(crate) fn bearing(&self, token: &str) -> Self {
        Self { bearer: Some(token.to_owned()), ..self.clone() }
    }

    /// The same, naming an organization in each request.
    pub(crate) fn within(&self, organization_id: impl fmt::Display) -> Self {
        Self { organization_id: Some(organization_id.to_string()), ..self.clone() }
    }

    /// The token or key.
    pub(crate) fn bearer(&self) -> &str {
        self.bearer.as_deref().expect("a client with a token")
    }

    pub(crate) async fn log_in(&self, username: &str, password: &str) -> Answer {
        let form = [("grant_type", "password"), ("username", username), ("password", password)];
        send(self.request(Method::POST, "/auth/token").form(&form)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn post_once(&self, path: &str, key: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str) -> Answer {
        send(self.request(Method::PUT, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// Sends photos of a person.
    pub(crate) async fn enroll(&self, person_id: &str, photos: &[(&str, &[u8])]) -> Answer {
        send(self.enrollment(person_id, photos)).await
    }

    /// The request of [`Self::enroll`], before it is sent.
    pub(crate) fn enrollment(&self, person_id: &str, photos: &[(&str, &[u8])]) -> RequestBuilder {
        self.request(Method::POST, &format!("/people/{person_id}/enrollments")).multipart(form("photos", photos))
    }

    pub(crate) async fn send_frame(&self, session_id: &str, kind: &str, bytes: &[u8]) -> Answer {
        let request = self.request(Method::POST, &format!("/sessions/{session_id}/frames"));
        send(request.header("content-type", kind).body(bytes.to_vec())).await
    }

    /// Sends a class photo as the body; `query` is such as `?annotate=true`.
    pub(crate) async fn send_class_photo(&self, session_id: &str, query: &str, kind: &str, bytes: &[u8]) -> Answer {
        let request = self.request(Method::POST, &format!("/sessions/{session_id}/class-photos{query}"));
        send(request.header("content-type", kind).body(bytes.to_vec())).await
    }

    /// Sends class photos in a form.
    pub(crate) async fn class_photo_form(&self, session_id: &str, field: &str, photos: &[(&str, &[u8])]) -> Answer {
        let request = self.request(Method::POST, &format!("/sessions/{session_id}/class-photos"));
        send(request.multipart(form(field, photos))).await
    }

    /// Sends a frame to a guided capture.
    pub(crate) async fn send_look(&self, capture_id: &str, query: &str, kind: &str, bytes: &[u8]) -> Answer {
        let request = self.request(Method::POST, &format!("/guided-captures/{capture_id}/frames{query}"));
        send(request.header("content-type", kind).body(bytes.to_vec())).await
    }

    pub(crate) async fn put_json(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::PUT, path).json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::PATCH, path).json(body)).await
    }

    /// Makes something and answers its id.
    pub(crate) async fn made(&self, path: &str, body: &Value) -> String {
        let answer = self.post(path, body).await;
        assert!(answer.status.is_success(), "{answer}");
        answer.id()
    }

    /// Any request below `/api/v1`.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}/api/v1{path}", self.base));
        if let Some(bearer) = &self.bearer {
            request = request.bearer_auth(bearer);
        }
        if let Some(id) = &self.organization_id {
            request = request.header("X-Organization-Id", id);
        }
        request
    }
}

pub(crate) fn form(field: &str, photos: &[(&str, &[u8])]) -> Form {
    let part = |name: &str, bytes: &[u8]| Part::bytes(bytes.to_vec()).file_name(name.to_owned());
    photos.iter().fold(Form::new(), |form, (name, bytes)| form.part(field.to_owned(), part(name, bytes)))
}

/// Sends a request and reads the answer.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.expect("a body");
    let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
    Answer { status, headers, body }
}

impl Answer {
    /// The id of what was made or shown.
    pub(crate) fn id(&self) -> String {
        self.text("id")
    }

    /// A text of the body.
    pub(crate) fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {self}")).to_owned()
    }

    /// A header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text header"))
    }

    /// The `code` of a problem.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_else(|| panic!("no problem but {self}"))
    }
}

/// Status and body, with ids, times and secrets replaced by what they are.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut body = self.body.clone();
        redact(&mut body);
        match body {
            Value::Null => write!(f, "{}", self.status),
            Value::String(text) => write!(f, "{}\n{text}", self.status),
            body => write!(f, "{}\n{body:#}", self.status),
        }
    }
}

const SECRETS: [&str; 5] = ["access_token", "refresh_token", "key", "ticket", "next"];

fn redact(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(fields) => {
            for (name, field) in fields {
                if SECRETS.contains(&name.as_str()) && field.is_string() {
                    *field = format!("[{name}]").into();
                } else {
                    redact(field);
                }
            }
        }
        Value::String(text) => *text = redacted(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn redacted(text: &str) -> String {
    if chrono::DateTime::parse_from_rfc3339(text).is_ok() {
        return "[time]".to_owned();
    }
    let parts = text.split('/').map(|part| if part.parse::<uuid::Uuid>().is_ok() { "[id]" } else { part });
    parts.collect::<Vec<_>>().join("/")
}
