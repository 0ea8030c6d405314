//! Finding what was said.

use axum::{
    extract::{OriginalUri, State},
    response::Response,
};
use serde::Deserialize;
use services::{
    App, Error,
    domain::ConversationId,
    search::{self, Scope},
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{pages, wire::search::SearchHit};
use crate::http::{
    extract::{Caller, Query},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(search_messages))
}

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// Words; the last one may be a beginning. At most 1,000 characters.
    #[param(max_length = 1_000)]
    q: String,
    /// Only messages of this conversation, on its visible branch.
    conversation_id: Option<i64>,
    /// How many, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// Where the last page ended.
    #[param(pattern = "^[0-9]{1,16}$")]
    cursor: Option<String>,
}

/// Searches titles and messages, newest first
#[utoipa::path(
    get, path = "/search", tag = "search",
    params(SearchQuery),
    responses((status = 200, description = "What was found", body = Vec<SearchHit>), super::openapi::Refused),
)]
async fn search_messages(
    State(app): State<App>,
    Caller(actor): Caller,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<SearchQuery>,
) -> Result<Response, Problem> {
    if query.q.chars().count() > 1_000 {
        return Err(Error::invalid("q", "must have at most 1,000 characters").into());
    }
    let limit = pages::limit(query.limit)?;
    let before = query.cursor.as_deref().map(pages::id_cursor).transpose()?;
    let scope = query.conversation_id.map_or(Scope::Everything, |id| Scope::Conversation(ConversationId(id)));
    let page = search::search(&app, &actor, &query.q, scope, before, limit).await?;
    Ok(pages::respond(&uri, page, SearchHit::from))
}
