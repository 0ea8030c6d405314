//! What is said in a session.

use axum::{Json as Said, extract::State, http::StatusCode};
use services::{
    App, Error, accounts,
    chat::{self, Ask, Options},
    conversations,
    domain::ConversationId,
};

use super::{
    sessions::WHOLE,
    wire::{Exchange, Message, MessageRequest, session_id},
};
use crate::http::{
    extract::{Caller, Json, Path},
    problem::Problem,
};

pub(super) async fn list(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Said<Vec<Message>>, Problem> {
    conversations::kept(&app, &actor, id).await?;
    let branch = conversations::branch(&app, &actor, id, WHOLE).await?;
    Ok(Said(branch.items.iter().map(Message::from).collect()))
}

pub(super) async fn create(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(request): Json<MessageRequest>,
) -> Result<(StatusCode, Said<Exchange>), Problem> {
    let conversation = session_id(&request.session_id)?;
    conversations::kept(&app, &actor, conversation).await?;
    match request.role.as_deref() {
        None | Some("user") => {}
        Some("assistant") => {
            let recorded = chat::record(&app, &actor, conversation, &request.content).await?;
            return Ok((StatusCode::CREATED, Said(Exchange::of_answer(&recorded))));
        }
        Some(_) => return Err(Problem::invalid("/role", "must be user or assistant")),
    }
    let say =
        Ask::Say { text: request.content, conversation: Some(conversation), parent: None, files: Vec::new() };
    let sent = chat::send(&app, &actor, say, Options::default()).await?;
    let served = accounts::serve(&app, &actor);
    let answer = tokio::select! {
        () = served.ended() => return Err(Error::Unauthenticated("This login session has ended. Sign in again.").into()),
        answer = chat::collect(&app, &actor, sent) => answer?,
    };
    if let Some(error) = answer.message.error.as_ref().filter(|_| answer.message.parts.is_empty()) {
        return Err(Problem::upstream(&error.code, &error.message));
    }
    let branch = conversations::branch(&app, &actor, conversation, WHOLE).await?;
    let question = branch.items.iter().find(|one| Some(one.id) == answer.message.parent_id);
    let asked = question.map(Message::from).ok_or(Error::NotFound("message"))?;
    Ok((StatusCode::CREATED, Said(Exchange::of_question(asked, &answer.message))))
}
