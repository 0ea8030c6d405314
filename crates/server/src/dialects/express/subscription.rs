//! What is sold. Nothing is yet, and each of these endpoints says so.

use axum::http::StatusCode;

use crate::http::{extract::Caller, problem::Problem};

/// For everybody: what there is to buy, and what a payment gateway calls.
pub(super) async fn not_yet() -> Problem {
    Problem::said(
        StatusCode::NOT_IMPLEMENTED,
        "Nothing can be bought on this server: plans and payments are not there yet.",
    )
}

/// For who has signed in: what somebody bought.
pub(super) async fn not_yet_for(_: Caller) -> Problem {
    not_yet().await
}
