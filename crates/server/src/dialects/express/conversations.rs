//! Conversations and what is said in them.

use std::time::Instant;

use axum::{Json as Said, extract::State, http::StatusCode};
use serde_json::{Value, json};
use services::{
    Actor, App, Error, accounts,
    chat::{self, Ask, Options},
    conversations::{self, Branch, Change, New, Shelf, Which},
    domain::{Conversation, ConversationId},
    stats,
};

use super::{
    PLACEHOLDER,
    wire::{self, ListQuery, NewRequest, SayRequest, TitleRequest, hex},
};
use crate::http::{
    extract::{Caller, Json, Path, Query},
    problem::Problem,
    time::rfc3339,
};

/// How many conversations are looked through for a page.
const MOST: i64 = 5_000;
/// What its server asked with.
const TEMPERATURE: f64 = 0.7;
/// The most tokens of an answer that its server asked for.
const MOST_TOKENS: i64 = 4_000;
/// How many messages are told.
const WHOLE: Branch = Branch { leaf: None, limit: 10_000 };

pub(super) fn default_model(app: &App) -> String {
    app.models.default_model().unwrap_or_default()
}

pub(super) async fn list(
    State(app): State<App>,
    Caller(actor): Caller,
    Query(query): Query<ListQuery>,
) -> Result<Said<Value>, Problem> {
    let (page, limit) = (query.page.max(1), query.limit.clamp(1, 100));
    let mut all = filtered(&app, &actor, query.filter.as_deref()).await?;
    if let Some(search) = query.search.filter(|text| !text.is_empty()) {
        let wanted = search.to_lowercase();
        all.retain(|one| one.title.to_lowercase().contains(&wanted));
    }
    match query.sort.as_deref() {
        Some("createdAt") => all.sort_by_key(|one| std::cmp::Reverse(one.created_at)),
        Some("title") => all.sort_by_key(|one| one.title.to_lowercase()),
        _ => all.sort_by_key(|one| std::cmp::Reverse(one.last_activity_at)),
    }
    let total = all.len();
    let model = default_model(&app);
    let on_page: Vec<_> = all.iter().skip((page - 1).saturating_mul(limit)).take(limit).collect();
    let ids: Vec<ConversationId> = on_page.iter().map(|one| one.id).collect();
    let tokens = stats::tokens(&app, &actor, &ids).await?;
    let tokens_of = |id| tokens.get(&id).copied().unwrap_or_default();
    let items: Vec<Value> =
        on_page.into_iter().map(|one| wire::listed(one, &model, tokens_of(one.id))).collect();
    Ok(Said(json!({
        "success": true,
        "data": { "conversations": items, "pagination": wire::pagination(page, limit, total) },
    })))
}

/// `all` is what is kept, put away or not.
async fn filtered(app: &App, actor: &Actor, filter: Option<&str>) -> Result<Vec<Conversation>, Error> {
    let shelves: &[bool] = match filter {
        Some("active") => &[false],
        Some("archived") => &[true],
        _ => &[false, true],
    };
    let mut all = Vec::new();
    for archived in shelves {
        let shelf = Shelf::Kept { which: Which::All, archived: *archived };
        all.extend(conversations::list(app, actor, shelf, None, MOST).await?.items);
    }
    Ok(all)
}

pub(super) async fn create(
    State(app): State<App>,
    Caller(actor): Caller,
    request: Option<Json<NewRequest>>,
) -> Result<(StatusCode, Said<Value>), Problem> {
    let Json(request) = request.unwrap_or(Json(NewRequest::default()));
    let new = New {
        title: request.title.filter(|title| !title.is_empty()),
        placeholder: Some(PLACEHOLDER),
        model: app.models.offered(request.model),
        ..New::default()
    };
    let made = conversations::create(&app, &actor, new).await?;
    let made = wire::conversation(&made, actor.user, &default_model(&app), &[]);
    Ok((StatusCode::CREATED, Said(json!({ "success": true, "data": { "conversation": made } }))))
}

pub(super) async fn whole(app: &App, actor: &Actor, one: &Conversation) -> Result<(Value, Value), Error> {
    let branch = conversations::branch(app, actor, one.id, WHOLE).await?;
    let told = wire::conversation(one, actor.user, &default_model(app), &branch.items);
    Ok((told, wire::stats(&branch.items)))
}

pub(super) async fn read(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Said<Value>, Problem> {
    let found = conversations::kept(&app, &actor, id).await?;
    let (mut told, stats) = whole(&app, &actor, &found).await?;
    told["stats"] = stats;
    Ok(Said(json!({ "success": true, "data": { "conversation": told } })))
}

/// How its server asked.
pub(super) fn asked_with(model: Option<String>) -> Options {
    Options { model, temperature: Some(TEMPERATURE), max_tokens: Some(MOST_TOKENS), ..Options::default() }
}

pub(super) async fn say(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    Json(request): Json<SayRequest>,
) -> Result<Said<Value>, Problem> {
    let began = Instant::now();
    conversations::kept(&app, &actor, id).await?;
    let say = Ask::Say { text: request.message, conversation: Some(id), parent: None, files: Vec::new() };
    let options = asked_with(app.models.offered(request.model));
    let sent = chat::send(&app, &actor, say, options).await?;
    let served = accounts::serve(&app, &actor);
    let answer = tokio::select! {
        () = served.ended() => return Err(Error::Unauthenticated("This login session has ended. Sign in again.").into()),
        answer = chat::collect(&app, &actor, sent) => answer?,
    };
    if let Some(error) = &answer.message.error {
        return Err(Problem::said(StatusCode::INTERNAL_SERVER_ERROR, error.message.clone()));
    }
    let found = conversations::find(&app, &actor, id).await?;
    let message = &answer.message;
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let model = message.model.clone().unwrap_or_else(|| default_model(&app));
    let (whole, _) = whole(&app, &actor, &found).await?;
    Ok(Said(json!({
        "success": true,
        "data": {
            "message": {
                "_id": hex(message.id.0),
                "role": "assistant",
                "content": message.parts.text(),
                "timestamp": rfc3339(message.created_at),
                "tokens": wire::tokens_of(message),
                "model": model,
                "metadata": { "processingTime": took },
            },
            "conversation": {
                "_id": whole["_id"],
                "id": whole["_id"],
                "title": whole["title"],
                "totalTokens": whole["totalTokens"],
                "totalMessages": whole["totalMessages"],
            },
        },
    })))
}

pub(super) async fn rename(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    Json(request): Json<TitleRequest>,
) -> Result<Said<Value>, Problem> {
    let change = Change { title: Some(request.title), ..Change::default() };
    let changed = conversations::change_kept(&app, &actor, id, change).await?;
    let (told, _) = whole(&app, &actor, &changed).await?;
    Ok(Said(json!({ "success": true, "data": { "conversation": told } })))
}

pub(super) async fn delete(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Said<Value>, Problem> {
    conversations::delete_kept(&app, &actor, id).await?;
    Ok(Said(json!({ "success": true, "message": "Conversation deleted successfully" })))
}

pub(super) async fn models(State(app): State<App>, Caller(_): Caller) -> Said<Value> {
    let models: Vec<Value> = app.models.list().iter().map(wire::model).collect();
    Said(json!({ "success": true, "data": { "models": models } }))
}
