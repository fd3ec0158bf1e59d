//! What is found out about every request before its handler: whose token it has, and whether they ask too often.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};

use crate::auth::access::{self, Standing};
use crate::auth::sender;
use crate::error::ApiError;
use crate::rate::FrameSource;

/// What is not below this, such as what probes ask and the panel's files, is not counted: answering costs nothing.
const COUNTED: &str = "/api/";
/// How addresses end that take frames, which have a limit of their own.
const FRAMES: [&str; 2] = ["/frames", "/attendance/mark"];

/// Leaves whose token a request has for the handlers' extractors, which refuse whoever may not; refuses what goes beyond
/// the limits.
pub(crate) async fn identify<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match find(request.request()).await {
        Ok(standing) => {
            if let Some(standing) = standing {
                request.extensions_mut().insert(standing);
            }
            Ok(next.call(request).await?.map_into_left_body())
        }
        Err(error) => {
            // Not `into_response`, which forgets what the error was.
            let (request, _) = request.into_parts();
            Ok(ServiceResponse::new(request, HttpResponse::from_error(error).map_into_right_body()))
        }
    }
}

/// Cameras are found, and counted, where their key is asked for.
async fn find(request: &HttpRequest) -> Result<Option<Standing>, ApiError> {
    if !request.path().starts_with(COUNTED) || sender::camera_key_of(request).is_some() {
        return Ok(None);
    }
    let gateway = access::gateway(request);
    let Some(claimed) = access::bearer(request).and_then(|token| gateway.tokens.read(token).ok()) else {
        gateway.rates.check_stranger(request)?;
        return Ok(None);
    };
    let takes_frames = FRAMES.iter().any(|end| request.path().ends_with(end));
    if *request.method() == Method::POST && takes_frames {
        gateway.rates.check_frame(FrameSource::User(claimed.user_id))?;
    } else {
        gateway.rates.check_user(claimed.user_id)?;
    }
    access::standing(&mut *gateway.connection().await?, claimed).await
}
