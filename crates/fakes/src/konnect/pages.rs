//! The page where somebody pays, or does not.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse as _, Redirect, Response},
};
use serde_json::Value;

use super::{Shared, call, lock, settle};

/// How long a slow payment takes.
const SLOW: Duration = Duration::from_secs(3);

type Words = HashMap<String, String>;

pub(super) async fn show(State(desk): State<Shared>, Query(words): Query<Words>) -> Response {
    let name = words.get("payment_ref").cloned().unwrap_or_default();
    let Some(asked_for) = asked_for(&desk, &name) else {
        return (StatusCode::NOT_FOUND, "There is no such payment.").into_response();
    };
    let amount = asked_for["amount"].as_i64().unwrap_or(0);
    let currency = asked_for["token"].as_str().unwrap_or("TND");
    let (whole, decimals) = match currency {
        "TND" => (amount / 1_000, format!("{:03}", amount % 1_000)),
        _ => (amount / 100, format!("{:02}", amount % 100)),
    };
    let details = escaped(asked_for["description"].as_str().unwrap_or_default());
    let button = |outcome: &str, label: &str| {
        format!(
            "<p><button name=outcome value={outcome} style=\"font-size:1rem;padding:.6rem 1rem\">{label}</button></p>"
        )
    };
    let buttons = [
        button("paid", "Pay"),
        button("slow", "Pay; the bank takes three seconds"),
        button("declined", "Let the card be declined"),
        button("abandoned", "Go back without paying"),
    ];
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Pay (development)</title><body style=\"font-family:sans-serif;max-width:30rem;margin:2rem auto\">\
         <h1>Development gateway</h1><p>{details}</p><p><strong>{whole}.{decimals} {currency}</strong></p>\
         <form method=post><input type=hidden name=payment_ref value=\"{}\">{}</form></body></html>",
        escaped(&name),
        buttons.concat(),
    ))
    .into_response()
}

pub(super) async fn decide(State(desk): State<Shared>, Form(words): Form<Words>) -> Response {
    let name = words.get("payment_ref").cloned().unwrap_or_default();
    let Some(asked_for) = asked_for(&desk, &name) else {
        return (StatusCode::NOT_FOUND, "There is no such payment.").into_response();
    };
    let to = |page: &str| {
        asked_for[page]
            .as_str()
            .map_or_else(|| "Done.".into_response(), |address| Redirect::to(address).into_response())
    };
    match words.get("outcome").map(String::as_str) {
        Some("paid") => {
            settle(&desk, &name, "completed", "success");
            call(&desk, &name).await;
            to("successUrl")
        }
        Some("slow") => {
            let later = Arc::clone(&desk);
            #[expect(clippy::disallowed_methods, reason = "it ends with the runtime of the fake")]
            tokio::spawn(async move {
                tokio::time::sleep(SLOW).await;
                settle(&later, &name, "completed", "success");
                call(&later, &name).await;
            });
            to("successUrl")
        }
        Some("declined") => {
            settle(&desk, &name, "pending", "failed");
            call(&desk, &name).await;
            to("failUrl")
        }
        _ => to("failUrl"),
    }
}

fn asked_for(desk: &Shared, name: &str) -> Option<Value> {
    lock(desk).payments.get(name).map(|payment| payment.asked_for.clone())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
