//! How many requests in what time: of each user, each camera, and each address that is nobody in particular.
//!
//! Each process counts by itself: behind a load balancer the whole installation takes as many times more.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZero;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::Data;
use domain::id::{CameraId, UserId};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio_util::sync::CancellationToken;

use crate::error::ApiError;
use crate::settings::{RateSettings, Rates};
use crate::state::Gateway;

/// How often those that have been quiet are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// Who sends frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum FrameSource {
    /// A camera, whose key was found.
    Camera(CameraId),
    /// A user, whose token was read.
    User(UserId),
}

/// Counts requests.
pub(crate) struct RateLimits {
    users: Limit<UserId>,
    frames: Limit<FrameSource>,
    addresses: Limit<IpAddr>,
    behind_proxy: bool,
}

struct Limit<K: Hash + Eq + Clone> {
    kind: &'static str,
    limiter: Option<DefaultKeyedRateLimiter<K>>,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(kind: &'static str, rates: Rates) -> Self {
        let numbers = (NonZero::new(rates.per_second), NonZero::new(rates.burst));
        let limiter = match numbers {
            (Some(per_second), Some(burst)) => {
                Some(RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst)))
            }
            _ => None,
        };
        Self { kind, limiter }
    }

    fn check(&self, key: &K) -> Result<(), ApiError> {
        let Some(Err(not_until)) = self.limiter.as_ref().map(|limiter| limiter.check_key(key)) else { return Ok(()) };
        metrics::counter!("rollcall_requests_limited_total", "kind" => self.kind).increment(1);
        let wait = not_until.wait_time_from(DefaultClock::default().now());
        Err(ApiError::RateLimited { seconds: wait.as_secs() + 1 })
    }

    fn forget_the_quiet(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

impl RateLimits {
    /// The limits of `settings`. `behind_proxy`: whether callers' addresses are what the proxy before this gateway says.
    pub(crate) fn new(settings: &RateSettings, behind_proxy: bool) -> Self {
        Self {
            users: Limit::new("user", settings.users),
            frames: Limit::new("frames", settings.frames),
            addresses: Limit::new("address", settings.addresses),
            behind_proxy,
        }
    }

    /// Counts one request of a user.
    pub(crate) fn check_user(&self, user: UserId) -> Result<(), ApiError> {
        self.users.check(&user)
    }

    /// Counts one frame.
    pub(crate) fn check_frame(&self, source: FrameSource) -> Result<(), ApiError> {
        self.frames.check(&source)
    }

    /// Counts one request of nobody in particular.
    pub(crate) fn check_stranger(&self, request: &HttpRequest) -> Result<(), ApiError> {
        // Without an address there is nobody to tell from others: a unix socket, or a test.
        address(request, self.behind_proxy).map_or(Ok(()), |address| self.addresses.check(&address))
    }

    /// Forgets those that have been quiet, again and again, until told to stop.
    pub(crate) async fn run(gateway: Data<Gateway>, stop: CancellationToken) -> anyhow::Result<()> {
        let mut rounds = tokio::time::interval(FORGET_EVERY);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = rounds.tick() => {}
            }
            gateway.rates.users.forget_the_quiet();
            gateway.rates.frames.forget_the_quiet();
            gateway.rates.addresses.forget_the_quiet();
        }
    }
}

/// Who asks, by address; of IPv6 the network of 64 bits, since a caller has all addresses of it.
fn address(request: &HttpRequest, behind_proxy: bool) -> Option<IpAddr> {
    let forwarded = || {
        // The proxy adds what it saw at the end; what comes before it anybody may have written.
        let values = request.headers().get_all("x-forwarded-for");
        values.last()?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    let direct = || request.peer_addr().map(|address| address.ip());
    let address = if behind_proxy { forwarded().or_else(direct) } else { direct() };
    address.map(|address| match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
        v4 => v4,
    })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::{FrameSource, Limit, address};
    use crate::settings::Rates;

    fn check(peer: &str, forwarded: Option<&str>, behind_proxy: bool, expected: &str) {
        let mut request = TestRequest::default().peer_addr(peer.parse().expect("an address"));
        if let Some(forwarded) = forwarded {
            request = request.insert_header(("x-forwarded-for", forwarded));
        }
        let found = address(&request.to_http_request(), behind_proxy).map(|address| address.to_string());
        assert_eq!(found.as_deref(), Some(expected), "{peer} {forwarded:?}");
    }

    #[test]
    fn callers_are_told_apart_by_what_they_cannot_choose() {
        check("192.0.2.1:1", None, false, "192.0.2.1");
        check("192.0.2.1:1", Some("203.0.113.9"), false, "192.0.2.1");
        check("192.0.2.1:1", Some("203.0.113.9"), true, "203.0.113.9");
        check("192.0.2.1:1", Some("10.0.0.1, 203.0.113.9"), true, "203.0.113.9");
        check("192.0.2.1:1", Some("nonsense"), true, "192.0.2.1");
        check("[2001:db8:1:2:3:4:5:6]:1", None, false, "2001:db8:1:2::");
        check("[::ffff:192.0.2.1]:1", None, false, "192.0.2.1");
    }

    #[test]
    fn a_burst_goes_through_and_no_more_and_each_counts_alone() {
        let limit = Limit::new("frames", Rates { per_second: 1, burst: 3 });
        let source = || FrameSource::Camera(domain::id::Id::new());
        let (one, other) = (source(), source());
        assert!((0..3).all(|_| limit.check(&one).is_ok()));
        assert_eq!(limit.check(&one).err().and_then(|error| error.retry_after_seconds()), Some(1));
        assert!(limit.check(&other).is_ok());
        let none = Limit::new("frames", Rates { per_second: 0, burst: 3 });
        assert!((0..1000).all(|_| none.check(&one).is_ok()));
    }
}
