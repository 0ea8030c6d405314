//! What a person thinks of an answer.

use domain::{Action, Feedback, Message, MessageId, Role};

use super::read::add_what_is_seen;
use crate::{Actor, App, Error, Result, access};

/// The longest comment, in characters.
const COMMENT_CHARS: usize = 2_000;

/// Notes what the actor thinks of an answer, or takes it back, and gives the answer as the actor sees it then.
pub async fn rate(app: &App, actor: &Actor, id: MessageId, feedback: Option<Feedback>) -> Result<Message> {
    let feedback = feedback.map(clean).transpose()?;
    let (who, now) = (*actor, app.now());
    let mut rated: Vec<Message> = app
        .db
        .write(async move |tx| {
            let found = store::messages::find(&mut *tx, who.user, id).await?;
            let message = found.ok_or(Error::NotFound("message"))?;
            let role = store::members::role_of(&mut *tx, message.conversation_id, who.user).await?;
            access::may(role, Action::Read)?;
            if message.role != Role::Assistant {
                return Err(Error::conflict("not_an_answer", "Only answers can be rated."));
            }
            store::feedback::put(tx, id, who.user, feedback.as_ref(), now).await?;
            Ok(vec![message])
        })
        .await?;
    if let Some(conversation) = rated.first().map(|message| message.conversation_id) {
        add_what_is_seen(app, actor, conversation, &mut rated).await?;
    }
    rated.pop().ok_or(Error::NotFound("message"))
}

fn clean(feedback: Feedback) -> Result<Feedback> {
    let comment = feedback.comment.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let chars = comment.as_ref().map_or(0, |text| text.chars().count());
    if chars > COMMENT_CHARS {
        return Err(Error::invalid(
            "comment",
            format!("has {chars} characters; at most {COMMENT_CHARS} fit"),
        ));
    }
    Ok(Feedback { comment, ..feedback })
}
