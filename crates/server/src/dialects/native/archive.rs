//! Everything of the account that asks, as one file.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use futures_util::{StreamExt as _, stream};
use services::{App, Error, Served, accounts, archive};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::archive::{Archive, Writer};
use crate::http::{extract::Caller, problem::Problem};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export_account))
}

/// Downloads everything of the account as one JSON file
///
/// The profile, what was chosen, groups, and all conversations with all branches, those in the trash included. It is read
/// piece by piece while it is sent; a file that is cut off is no JSON.
#[utoipa::path(
    get, path = "/me/export", tag = "me",
    responses((status = 200, description = "All of it", body = Archive), super::openapi::Refused),
)]
async fn export_account(State(app): State<App>, Caller(actor): Caller) -> Result<Response, Problem> {
    let served = accounts::serve(&app, &actor);
    let mut pieces = archive::archive(&app, &actor).boxed();
    let mut writer = Writer::new(app.now());
    // The first piece is read before anything is promised.
    let first = match pieces.next().await {
        Some(piece) => writer.text(piece?)?,
        None => String::new(),
    };
    let rest = pieces.map(move |piece| -> Result<Bytes, Error> { Ok(Bytes::from(writer.text(piece?)?)) });
    let all = stream::iter([Ok(Bytes::from(first))]).chain(rest);
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"colloquy-export.json\""),
    ];
    Ok((headers, Body::from_stream(until_ended(all.boxed(), served))).into_response())
}

/// A session that ends takes the download with it: what follows is cut off.
fn until_ended(
    pieces: stream::BoxStream<'static, Result<Bytes, Error>>,
    served: Served,
) -> impl stream::Stream<Item = Result<Bytes, Error>> {
    stream::unfold(Some((pieces, served)), async |held| {
        let (mut pieces, served) = held?;
        let piece = tokio::select! {
            biased;
            () = served.ended() => Some(Err(Error::Unauthenticated("This login session has ended."))),
            piece = pieces.next() => piece,
        };
        match piece? {
            Ok(bytes) => Some((Ok(bytes), Some((pieces, served)))),
            Err(error) => {
                tracing::warn!(%error, "an export was cut off");
                Some((Err(error), None))
            }
        }
    })
}
