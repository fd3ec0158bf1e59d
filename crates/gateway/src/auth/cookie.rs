//! The refresh token of a page of ours, in a cookie that no script can read.

use actix_web::HttpRequest;
use actix_web::http::header::{COOKIE, HOST, ORIGIN};
use chrono::TimeDelta;
use secrecy::SecretString;

use crate::error::ApiError;

const NAME: &str = "rollcall_refresh";
/// Where browsers send it: to the addresses that read it, and nowhere else.
const PATH: &str = "/api/v1/auth";

/// A browser that asks from one of our own pages: it may have a cookie, and use it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnPage {
    is_secure: bool,
}

impl OwnPage {
    /// Who sends `request`. `insecure`: whether browsers may send the cookie over plain HTTP, from anywhere;
    /// `behind_proxy`: whether a proxy is in front, which speaks TLS.
    ///
    /// # Errors
    /// [`ApiError::CrossSite`] where the browser says that the page is not of this origin.
    pub(crate) fn of(request: &HttpRequest, insecure: bool, behind_proxy: bool) -> Result<Self, ApiError> {
        if let Some(site) = request.headers().get("sec-fetch-site")
            && site != "same-origin"
            && site != "none"
        {
            return Err(ApiError::CrossSite);
        }
        let is_plain = insecure || (!behind_proxy && is_at_home(request));
        Ok(Self { is_secure: !is_plain })
    }

    /// The header that keeps `token`.
    pub(crate) fn keep(self, token: &str, lifetime: TimeDelta) -> String {
        self.set(token, lifetime.num_seconds())
    }

    /// The header that makes the browser forget it.
    pub(crate) fn forget(self) -> String {
        self.set("", 0)
    }

    fn set(self, value: &str, seconds: i64) -> String {
        let secure = if self.is_secure { "; Secure" } else { "" };
        format!("{NAME}={value}; Path={PATH}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
    }
}

/// The refresh token that the browser sent in its cookie.
pub(crate) fn shown(request: &HttpRequest) -> Option<SecretString> {
    let mut pairs = request.headers().get_all(COOKIE).filter_map(|line| line.to_str().ok()).flat_map(|l| l.split(';'));
    let token = pairs.find_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='))?;
    (!token.is_empty()).then(|| SecretString::from(token.to_owned()))
}

/// Whether browser and gateway are on one machine and speak plain HTTP, where some browsers send no secure cookies. A proxy
/// on this machine connects from here too, but the page of its browser has another name, or its address begins with https.
fn is_at_home(request: &HttpRequest) -> bool {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = text(HOST).unwrap_or_default();
    let name =
        host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |it| it.0);
    let is_from_here = request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let is_plain = text(ORIGIN).is_none_or(|origin| origin.starts_with("http://"));
    is_from_here && matches!(name, "localhost" | "127.0.0.1" | "[::1]") && is_plain
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use chrono::TimeDelta;
    use secrecy::ExposeSecret;

    use super::{OwnPage, shown};

    fn check(peer: &str, headers: &[(&str, &str)], settings: (bool, bool), secure: bool) {
        let request = TestRequest::default().peer_addr(peer.parse().expect("an address"));
        let request = headers.iter().fold(request, |request, header| request.insert_header(*header)).to_http_request();
        let page = OwnPage::of(&request, settings.0, settings.1).expect("a page of ours");
        let header = page.keep("rrt_x", TimeDelta::days(1));
        let expected = "rollcall_refresh=rrt_x; Path=/api/v1/auth; Max-Age=86400; HttpOnly; SameSite=Strict";
        assert_eq!(header, format!("{expected}{}", if secure { "; Secure" } else { "" }), "{peer} {headers:?}");
    }

    #[test]
    fn only_at_home_or_on_request_it_goes_over_plain_http() {
        let (home, away) = ("127.0.0.1:5000", "192.0.2.1:5000");
        let none = (false, false);
        check(home, &[("host", "127.0.0.1:8080")], none, false);
        check(home, &[("host", "localhost")], none, false);
        check("[::1]:5000", &[("host", "[::1]:8080"), ("origin", "http://[::1]:8080")], none, false);
        check(away, &[("host", "127.0.0.1:8080")], none, true);
        check(home, &[], none, true);
        // Proxies on the same machine: one that passes the name on, one that does not.
        check(home, &[("host", "panel.example"), ("origin", "https://panel.example")], none, true);
        check(home, &[("host", "127.0.0.1:8080"), ("origin", "https://panel.example")], none, true);
        check(home, &[("host", "127.0.0.1:8080")], (false, true), true);
        check(away, &[("host", "panel.example")], (true, true), false);
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let check = |sent: &'static str, expected: Option<&str>| {
            let request = TestRequest::default().insert_header(("cookie", sent)).to_http_request();
            assert_eq!(shown(&request).as_ref().map(|token| token.expose_secret()), expected, "{sent:?}");
        };
        check("rollcall_refresh=rrt_x", Some("rrt_x"));
        check("a=b; rollcall_refresh=rrt_x;c=d", Some("rrt_x"));
        check("not_rollcall_refresh=rrt_x", None);
        check("rollcall_refresh2=rrt_x", None);
        check("rollcall_refresh=", None);
        check("rollcall_refresh", None);
    }
}
