//! REST calls, one method per call that the tests and the demo make.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

/// A logged-in user of one gateway.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
    organization_id: Option<String>,
}

impl Client {
    /// Logs in at the gateway at `base`, such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// When the gateway does not answer or refuses the login.
    pub async fn log_in(base: &str, email: &str, password: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build()?;
        let form = [("grant_type", "password"), ("username", email), ("password", password)];
        let request = http.post(format!("{base}/api/v1/auth/token")).form(&form);
        let answer = send(request).await.context("log in")?;
        let token = text(&answer, "access_token")?;
        Ok(Self { http, base: base.to_owned(), token, organization_id: None })
    }

    /// The same user, acting in this organization from now on.
    #[must_use]
    pub fn within(mut self, organization_id: &str) -> Self {
        self.organization_id = Some(organization_id.to_owned());
        self
    }

    /// The gateway's address.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Makes an organization; answers its id.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn create_organization(&self, name: &str) -> anyhow::Result<String> {
        self.create("organizations", &json!({"name": name, "time_zone": "Europe/Zurich"})).await
    }

    /// Makes a student; answers its id.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn create_person(&self, external_id: &str, name: &str) -> anyhow::Result<String> {
        self.create("people", &json!({"kind": "student", "external_id": external_id, "name": name})).await
    }

    /// Makes a course; answers its id.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn create_course(&self, code: &str, title: &str) -> anyhow::Result<String> {
        self.create("courses", &json!({"code": code, "title": title})).await
    }

    /// Puts people on the roster of a course.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn add_to_roster(&self, course_id: &str, person_ids: &[String]) -> anyhow::Result<()> {
        self.post(&format!("courses/{course_id}/roster"), &json!({"person_ids": person_ids})).await.map(drop)
    }

    /// Takes a person off the roster of a course.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn remove_from_roster(&self, course_id: &str, person_id: &str) -> anyhow::Result<()> {
        self.delete(&format!("courses/{course_id}/roster/{person_id}")).await
    }

    /// Makes a session of a course that begins now, and starts it; answers its id.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn start_session(&self, course_id: &str) -> anyhow::Result<String> {
        let id = self.create("sessions", &json!({"course_id": course_id})).await?;
        self.post(&format!("sessions/{id}/start"), &json!({})).await?;
        Ok(id)
    }

    /// Closes a session.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn close_session(&self, session_id: &str) -> anyhow::Result<()> {
        self.post(&format!("sessions/{session_id}/close"), &json!({})).await.map(drop)
    }

    /// Makes a camera; answers its key.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn create_camera(&self, name: &str) -> anyhow::Result<String> {
        text(&self.post("cameras", &json!({"name": name})).await?, "key")
    }

    /// Sends enrollment photos (file name and bytes) of a person; answers the enrollment's id.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn enroll(&self, person_id: &str, photos: Vec<(String, Vec<u8>)>) -> anyhow::Result<String> {
        let mut form = Form::new();
        for (name, bytes) in photos {
            let kind = if name.ends_with(".png") { "image/png" } else { "image/jpeg" };
            form = form.part("photos", Part::bytes(bytes).file_name(name).mime_str(kind)?);
        }
        let request = self.request(Method::POST, &format!("people/{person_id}/enrollments")).multipart(form);
        text(&send(request).await?, "id")
    }

    /// Sends one frame as the user; answers the frame's id.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn send_frame(&self, session_id: &str, jpeg: Vec<u8>) -> anyhow::Result<String> {
        let request = self.request(Method::POST, &format!("sessions/{session_id}/frames"));
        text(&send(request.header("content-type", "image/jpeg").body(jpeg)).await?, "frame_id")
    }

    /// Sends a class photo and asks for an annotated copy; answers the photo's id.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn send_class_photo(&self, session_id: &str, jpeg: Vec<u8>) -> anyhow::Result<String> {
        let request = self.request(Method::POST, &format!("sessions/{session_id}/class-photos?annotate=true"));
        text(&send(request.header("content-type", "image/jpeg").body(jpeg)).await?, "id")
    }

    /// The annotated copy of a class photo.
    ///
    /// # Errors
    /// When there is none (any more).
    pub async fn class_photo_picture(&self, id: &str) -> anyhow::Result<Vec<u8>> {
        let response = self.request(Method::GET, &format!("class-photos/{id}/picture")).send().await?;
        Ok(response.error_for_status()?.bytes().await?.to_vec())
    }

    /// The attendance of a session: one row per person.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn attendance(&self, session_id: &str) -> anyhow::Result<Vec<Value>> {
        self.list(&format!("sessions/{session_id}/attendance")).await
    }

    /// The request of [`Self::attendance`], before it is sent.
    pub fn request_attendance(&self, session_id: &str) -> RequestBuilder {
        self.request(Method::GET, &format!("sessions/{session_id}/attendance"))
    }

    /// The sightings of a session.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn sightings(&self, session_id: &str) -> anyhow::Result<Vec<Value>> {
        self.list(&format!("sessions/{session_id}/sightings")).await
    }

    /// One resource.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        send(self.request(Method::GET, path)).await
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        send(self.request(Method::POST, path).json(body)).await
    }

    /// Puts JSON in the place of what is there.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        send(self.request(Method::PUT, path).json(body)).await
    }

    /// Deletes a resource.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn delete(&self, path: &str) -> anyhow::Result<()> {
        send(self.request(Method::DELETE, path)).await.map(drop)
    }

    /// All rows of a listing, page after page.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn list(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let mut rows = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let request = self.request(Method::GET, path).query(&[("limit", "100")]);
            let request = match &cursor {
                Some(cursor) => request.query(&[("cursor", cursor)]),
                None => request,
            };
            let page = send(request).await?;
            rows.extend(page["items"].as_array().context("a page without items")?.iter().cloned());
            match page["next"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return Ok(rows),
            }
        }
    }

    async fn create(&self, path: &str, body: &Value) -> anyhow::Result<String> {
        text(&self.post(path, body).await?, "id")
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v1/{path}", self.base)).bearer_auth(&self.token);
        match &self.organization_id {
            Some(id) => request.header("x-organization-id", id),
            None => request,
        }
    }
}

/// Reads a picture.
///
/// # Errors
/// When the file cannot be read.
pub fn picture(path: &Path) -> anyhow::Result<(String, Vec<u8>)> {
    let name = path.file_name().context("a picture without a name")?.to_string_lossy().into_owned();
    let bytes = std::fs::read(path).with_context(|| format!("read {}", path.display()))?;
    Ok((name, bytes))
}

async fn send(request: RequestBuilder) -> anyhow::Result<Value> {
    let response = request.send().await?;
    let (status, url) = (response.status(), response.url().path().to_owned());
    let body = response.text().await?;
    if !status.is_success() {
        bail!("{url} answered {status}: {body}");
    }
    if status == StatusCode::NO_CONTENT || body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&body).with_context(|| format!("{url} answered {status} with a body that is not JSON"))
}

fn text(answer: &Value, field: &str) -> anyhow::Result<String> {
    answer[field].as_str().map(str::to_owned).with_context(|| format!("the answer has no `{field}`"))
}
