//! Who is connected, and telling them something.

use axum::{Json as Said, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use services::{
    Actor, App, Error, access,
    conversations::{self, Shelf, Which},
    domain::{ConversationId, UserId},
    installation, notices, presence,
};

use super::wire::hex;
use crate::http::{
    extract::{Caller, Json, Path},
    problem::Problem,
};

/// How many conversations the status names.
const MOST: i64 = 50;

/// Something to tell.
#[derive(Debug, Deserialize)]
pub(super) struct NoticeRequest {
    message: String,
    #[serde(rename = "type", default = "info")]
    kind: String,
    #[serde(default)]
    data: Value,
}

fn info() -> String {
    "info".into()
}

impl From<NoticeRequest> for notices::Words {
    fn from(request: NoticeRequest) -> Self {
        let data = if request.data.is_null() { json!({}) } else { request.data };
        Self { kind: request.kind, message: request.message, data: data.to_string() }
    }
}

pub(super) async fn status(State(app): State<App>, Caller(actor): Caller) -> Result<Said<Value>, Problem> {
    let shelf = Shelf::Kept { which: Which::All, archived: false };
    let newest = conversations::list(&app, &actor, shelf, None, MOST).await?;
    let conversations: Vec<Value> = newest
        .items
        .iter()
        .map(|one| {
            let is_anybody_typing = presence::is_anybody_typing(&app, one.id);
            json!({ "id": hex(one.id.0), "title": one.title, "hasTypingUsers": is_anybody_typing })
        })
        .collect();
    let counts = presence::counts(&app);
    Ok(Said(json!({
        "success": true,
        "data": {
            "isConnected": presence::is_connected(&app, &actor),
            "activeUsers": counts.users,
            "userConversations": conversations,
            "serverInfo": {
                "socketConnections": counts.sockets,
                "uptime": app.uptime().as_secs_f64(),
                "memory": { "rss": installation::resident_bytes() },
            },
        },
    })))
}

/// The seats of the others: what its clients list beside the caller.
async fn others(app: &App, actor: &Actor, id: ConversationId) -> Result<Vec<presence::Seat>, Error> {
    let mut seats = presence::seats(app, actor, id).await?;
    seats.retain(|seat| seat.person.id != actor.user);
    Ok(seats)
}

pub(super) async fn active_users(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Said<Value>, Problem> {
    let others = others(&app, &actor, id).await?;
    let users: Vec<Value> = others
        .iter()
        .map(|seat| {
            json!({
                "userId": hex(seat.person.id.0),
                "username": seat.person.username,
                // A name, not the id that the connection is known by.
                "socketId": &*seat.name,
                "isTyping": seat.is_typing(),
            })
        })
        .collect();
    Ok(Said(json!({
        "success": true,
        "data": { "conversationId": hex(id.0), "activeUsers": users, "count": users.len() },
    })))
}

pub(super) async fn typing(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Said<Value>, Problem> {
    let others = others(&app, &actor, id).await?;
    let mut users: Vec<String> =
        others.iter().filter(|seat| seat.is_typing()).map(|seat| hex(seat.person.id.0)).collect();
    users.sort_unstable();
    users.dedup();
    Ok(Said(json!({
        "success": true,
        "data": { "conversationId": hex(id.0), "typingUsers": users, "count": users.len() },
    })))
}

pub(super) async fn notify(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<UserId>,
    Json(request): Json<NoticeRequest>,
) -> Result<Said<Value>, Problem> {
    let message = request.message.clone();
    match notices::notify(&app, &actor, id, request.into()) {
        Ok(()) => {}
        Err(Error::NotFound(notices::OFFLINE)) => {
            return Err(Problem::new(StatusCode::NOT_FOUND, "not_online", "User is not online"));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Said(json!({
        "success": true,
        "data": { "sent": true, "recipient": hex(id.0), "message": message },
    })))
}

pub(super) async fn broadcast(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(request): Json<NoticeRequest>,
) -> Result<Said<Value>, Problem> {
    notices::broadcast(&app, &actor, request.into())?;
    Ok(Said(json!({
        "success": true,
        "data": { "sent": true, "message": "Broadcast sent to all connected users" },
    })))
}

pub(super) async fn stats(State(app): State<App>, Caller(actor): Caller) -> Result<Said<Value>, Problem> {
    access::needs_admin(&actor)?;
    let counts = presence::counts(&app);
    Ok(Said(json!({
        "success": true,
        "data": {
            "connections": { "total": counts.sockets, "activeUsers": counts.users },
            "conversations": { "active": counts.conversations, "totalTypingUsers": counts.typing },
            "server": {
                "uptime": app.uptime().as_secs_f64(),
                "memory": { "rss": installation::resident_bytes() },
                "cpu": { "seconds": installation::processor_seconds() },
            },
        },
    })))
}
