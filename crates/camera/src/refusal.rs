//! What to do about a frame, or a connection, that the gateway refuses.

use serde::{Deserialize, Serialize};

/// The parts of the gateway's problem document (RFC 9457) that a camera looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The kind of problem for programs.
    pub code: String,
    /// What went wrong this time.
    pub detail: String,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// This frame is of no use; the next one may be.
    SkipFrame,
    /// It may work later.
    TryLater,
    /// The session has not begun, or is over.
    NotActive,
    /// It will never work: the key, the session or the address is wrong.
    GiveUp,
}

impl Problem {
    /// From an HTTP answer; a proxy between us and the gateway may answer with anything.
    pub(crate) fn from_answer(status: u16, body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_else(|_no_problem_document| Self {
            status,
            code: "unknown".to_owned(),
            detail: format!("the server answered {status}"),
        })
    }

    /// What to do about it.
    pub(crate) fn verdict(&self) -> Verdict {
        match (self.status, self.code.as_str()) {
            (409, "session_not_active") => Verdict::NotActive,
            (408 | 429 | 500..=599, _) => Verdict::TryLater,
            (409 | 413 | 415 | 422, _) => Verdict::SkipFrame,
            _ => Verdict::GiveUp,
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} {})", self.detail, self.status, self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, Verdict};

    fn check(status: u16, code: &str, expected: Verdict) {
        let problem = Problem { status, code: code.to_owned(), detail: String::new() };
        assert_eq!(problem.verdict(), expected, "{status} {code}");
    }

    #[test]
    fn each_refusal_has_its_consequence() {
        check(401, "unauthenticated", Verdict::GiveUp);
        check(403, "forbidden", Verdict::GiveUp);
        check(404, "not_found", Verdict::GiveUp);
        check(409, "session_not_active", Verdict::NotActive);
        check(413, "image_too_large", Verdict::SkipFrame);
        check(415, "not_an_image", Verdict::SkipFrame);
        check(422, "image_damaged", Verdict::SkipFrame);
        check(408, "body_too_slow", Verdict::TryLater);
        check(429, "unknown", Verdict::TryLater);
        check(503, "overloaded", Verdict::TryLater);
        check(500, "internal", Verdict::TryLater);
    }

    #[test]
    fn whatever_a_proxy_says_is_understood() {
        let problem = Problem::from_answer(502, b"<html>Bad Gateway</html>");
        assert_eq!((problem.status, problem.verdict()), (502, Verdict::TryLater));
        let body = br#"{"type":"/docs/errors.md#not_found","title":"Not found","status":404,"detail":"nothing",
            "code":"not_found","request_id":"x"}"#;
        assert_eq!(Problem::from_answer(404, body).code, "not_found");
    }
}
