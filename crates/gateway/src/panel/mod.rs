//! The panel: pages for browsers, served from a folder that `npm run build` in `web/` makes. They use the public API like
//! anybody else.

mod files;

use std::io;
use std::path::Path;

use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ContentType, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::error::ApiError;
use crate::state::Gateway;
use files::{File, Files};

const NOT_BUILT: &str = "<!doctype html>
<html lang=\"en\">
<title>Rollcall</title>
<h1>The panel is not built</h1>
<p>This is a gateway of Rollcall, and its API works: see <a href=\"/docs/\">/docs/</a>.
<p>To build the panel run <code>scripts/setup</code>, or <code>npm ci &amp;&amp; npm run build</code> in <code>web/</code>;
then start the gateway again. The setting <code>panel.folder</code> says where it is looked for.
";

/// What a browser is shown.
pub(crate) enum Panel {
    /// Nothing: it was not asked for.
    Off,
    /// How to build it.
    NotBuilt,
    Built(Files),
}

impl Panel {
    /// What there is in `folder`; an empty one stands for none.
    ///
    /// # Errors
    /// When the folder is there and cannot be read.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        if folder.as_os_str().is_empty() {
            return Ok(Self::Off);
        }
        let files = Files::read(folder)?;
        if files.is_none() {
            tracing::warn!(folder = %folder.display(), "there is no panel in the folder: scripts/setup builds it");
        }
        Ok(files.map_or(Self::NotBuilt, Self::Built))
    }
}

/// Whatever is no address of the API: a file of the panel, or the page that all its addresses share.
pub(crate) async fn serve(request: HttpRequest, gateway: Data<Gateway>) -> Result<HttpResponse, ApiError> {
    let (path, method) = (request.path(), request.method());
    let is_ours = *method == Method::GET || *method == Method::HEAD;
    if !is_ours || path == "/api" || path.starts_with("/api/") {
        return Err(ApiError::UnknownRoute);
    }
    match &gateway.panel {
        Panel::NotBuilt if path == "/" => {
            Ok(guarded(&mut HttpResponse::Ok(), "").content_type(ContentType::html()).body(NOT_BUILT))
        }
        Panel::Off | Panel::NotBuilt => Err(ApiError::UnknownRoute),
        Panel::Built(files) => match files.find(path) {
            Some(file) => Ok(answer(&request, file)),
            // A page that was loaded from an older build asks for what is gone: the index would be no script.
            None if files::is_file_path(path) => Err(ApiError::UnknownRoute),
            None => {
                let nonce = BASE64_STANDARD.encode(rand::random::<[u8; 16]>());
                let mut page = HttpResponse::Ok();
                guarded(&mut page, &nonce).insert_header((CACHE_CONTROL, "no-store"));
                Ok(page.content_type(ContentType::html()).body(files.index(&nonce)))
            }
        },
    }
}

fn answer(request: &HttpRequest, file: &File) -> HttpResponse {
    let cache = if file.is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = request.headers().get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
    if known.split(',').any(|tag| tag.trim() == file.etag) {
        let mut answer = HttpResponse::NotModified();
        return answer.insert_header((CACHE_CONTROL, cache)).insert_header((ETAG, file.etag.as_str())).finish();
    }
    let mut answer = HttpResponse::Ok();
    guarded(&mut answer, "").insert_header((CACHE_CONTROL, cache)).insert_header((ETAG, file.etag.as_str()));
    answer.insert_header((actix_web::http::header::CONTENT_TYPE, file.kind));
    let packed = |coding, body: &Option<Bytes>| body.clone().filter(|_| takes(request, coding)).map(|it| (coding, it));
    match packed("br", &file.brotli).or_else(|| packed("gzip", &file.gzip)) {
        Some((coding, body)) => {
            answer.insert_header((CONTENT_ENCODING, coding)).insert_header((VARY, ACCEPT_ENCODING.as_str())).body(body)
        }
        None => answer.body(file.plain.clone()),
    }
}

/// Whether the client takes what is encoded so.
fn takes(request: &HttpRequest, coding: &str) -> bool {
    let header = request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(',').any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        name.trim().eq_ignore_ascii_case(coding) && weight.is_ok_and(|weight| weight > 0.0)
    })
}

/// Says what the page may do: nothing but what it was made for, and nothing of other hosts.
fn guarded<'a>(answer: &'a mut HttpResponseBuilder, nonce: &str) -> &'a mut HttpResponseBuilder {
    let nonce = if nonce.is_empty() { String::new() } else { format!(" 'nonce-{nonce}'") };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'{nonce}; img-src 'self' blob: data:; \
         media-src 'self' blob:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
         form-action 'self'"
    );
    answer
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header(("permissions-policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"))
        .insert_header(("cross-origin-opener-policy", "same-origin"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::takes;

    #[test]
    fn what_the_client_takes_is_what_it_says() {
        let check = |header: &'static str, expected: (bool, bool)| {
            let request = TestRequest::default().insert_header(("accept-encoding", header)).to_http_request();
            assert_eq!((takes(&request, "br"), takes(&request, "gzip")), expected, "{header}");
        };
        check("gzip, deflate, br, zstd", (true, true));
        check("GZIP;q=0.5,br;q=0", (false, true));
        check("br; q=1.0", (true, false));
        check("identity", (false, false));
        check("", (false, false));
        check("brotli, gzip;q=x", (false, false));
    }
}
