//! What every operation of the native dialect may answer beside what was asked for.

use utoipa::IntoResponses;

use crate::http::problem::ProblemDetails;

/// The ways in which a request is refused.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "a description, never made")]
pub(super) enum Refused {
    /// The body cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(ProblemDetails),
    /// Nobody is signed in.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(ProblemDetails),
    /// The caller may not do this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemDetails),
    /// There is none, or it is not the caller's to see.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemDetails),
    /// It is not in the state that this needs.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(ProblemDetails),
    /// Larger than is allowed.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemDetails),
    /// The body is not `application/json`.
    #[response(status = 415, content_type = "application/problem+json")]
    UnsupportedMediaType(ProblemDetails),
    /// A member of the request is not as it must be.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(ProblemDetails),
    /// More than is allowed; `Retry-After` says when to try again.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(ProblemDetails),
    /// The provider failed.
    #[response(status = 502, content_type = "application/problem+json")]
    Upstream(ProblemDetails),
    /// Cannot be done now; `Retry-After` says when to try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemDetails),
}
