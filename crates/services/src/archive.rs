//! Everything of an account, piece by piece: however much there is, only one page of it is held at a time.

use domain::{
    Conversation, ConversationId, File, FileId, Group, GroupId, Message, MessageId, Note, NoteId, User,
};
use futures_util::{Stream, stream};
use tokio::io::AsyncReadExt as _;

use crate::{Actor, App, Error, Result, accounts, conversations::add_what_is_seen};

/// How many rows are read at once.
const PAGE: i64 = 200;
/// How many bytes of a file are read at once: whole groups of three, so that their base64 can be joined.
const CONTENT_BYTES: usize = 3 * 64 * 1024;

/// A piece of the archive.
#[derive(Debug, Clone)]
pub enum Piece {
    /// The account, with what the person chose. The first piece.
    Account(Box<User>),
    /// Some of its groups.
    Groups(Vec<Group>),
    /// A conversation; its messages follow.
    Conversation(Box<Conversation>),
    /// Some messages of it, in all branches, oldest first.
    Messages(Vec<Message>),
    /// Some notes beside it, oldest first.
    Notes(Vec<Note>),
    /// A file that the person brought; what it holds follows.
    File(Box<File>),
    /// More of what it holds: as many bytes as can be read at once, but at its end.
    Content(Vec<u8>),
    /// There is no more. What ends without this is not complete.
    End,
}

/// What is read next.
enum Next {
    Account,
    Groups(GroupId),
    Conversations { after: ConversationId, held: std::vec::IntoIter<Conversation>, is_last: bool },
    Messages { of: ConversationId, after: MessageId, then: Box<Next> },
    Notes { of: ConversationId, after: NoteId, then: Box<Next> },
    Files { after: FileId, held: std::vec::IntoIter<File>, is_last: bool },
    Content { of: Box<tokio::fs::File>, then: Box<Next> },
    End,
    Nothing,
}

/// The actor's archive.
pub fn archive(app: &App, actor: &Actor) -> impl Stream<Item = Result<Piece>> + Send + use<> {
    let (app, actor) = (app.clone(), *actor);
    stream::try_unfold(Next::Account, move |next| {
        let app = app.clone();
        async move { read(&app, &actor, next).await }
    })
}

async fn read(app: &App, actor: &Actor, mut next: Next) -> Result<Option<(Piece, Next)>> {
    loop {
        next = match next {
            Next::Account => {
                let user = accounts::me(app, actor).await?;
                return Ok(Some((Piece::Account(Box::new(user)), Next::Groups(GroupId(i64::MAX)))));
            }
            Next::Groups(before) => {
                let groups = store::groups::list(&app.db, actor.user, before, PAGE).await?;
                if let Some(last) = groups.last() {
                    let next = Next::Groups(last.id);
                    return Ok(Some((Piece::Groups(groups), next)));
                }
                Next::Conversations { after: ConversationId(0), held: Vec::new().into_iter(), is_last: false }
            }
            Next::Conversations { after, mut held, is_last } => {
                if let Some(conversation) = held.next() {
                    let of = conversation.id;
                    let then = Box::new(Next::Conversations { after: of, held, is_last });
                    let next = Next::Messages { of, after: MessageId(0), then };
                    return Ok(Some((Piece::Conversation(Box::new(conversation)), next)));
                }
                if is_last {
                    next = Next::Files { after: FileId(0), held: Vec::new().into_iter(), is_last: false };
                    continue;
                }
                let page = store::conversations::all(&app.db, actor.user, after, PAGE).await?;
                Next::Conversations { after, is_last: page.is_empty(), held: page.into_iter() }
            }
            Next::Messages { of, after, then } => {
                let mut page = store::messages::tree(&app.db, actor.user, of, after, PAGE).await?;
                let Some(last) = page.last().map(|message| message.id) else {
                    next = Next::Notes { of, after: NoteId(0), then };
                    continue;
                };
                add_what_is_seen(app, actor, of, &mut page).await?;
                return Ok(Some((Piece::Messages(page), Next::Messages { of, after: last, then })));
            }
            Next::Notes { of, after, then } => {
                let page = store::notes::list(&app.db, actor.user, of, after, PAGE).await?;
                let Some(last) = page.last().map(|note| note.id) else {
                    next = *then;
                    continue;
                };
                return Ok(Some((Piece::Notes(page), Next::Notes { of, after: last, then })));
            }
            Next::Files { after, mut held, is_last } => {
                if let Some(file) = held.next() {
                    let then = Box::new(Next::Files { after: file.attachment.id, held, is_last });
                    let next = match app.blobs.read(&file.hash).await {
                        Ok(reader) => Next::Content { of: Box::new(reader), then },
                        Err(error) => {
                            tracing::error!(file.id = file.attachment.id.0, %error, "a file's content is missing");
                            *then
                        }
                    };
                    return Ok(Some((Piece::File(Box::new(file)), next)));
                }
                if is_last {
                    next = Next::End;
                    continue;
                }
                let page = store::files::list(&app.db, actor.user, after, PAGE).await?;
                Next::Files { after, is_last: page.is_empty(), held: page.into_iter() }
            }
            Next::Content { mut of, then } => {
                let mut content = Vec::with_capacity(CONTENT_BYTES);
                let read = (&mut *of).take(CONTENT_BYTES as u64).read_to_end(&mut content).await;
                if read.map_err(Error::internal)? == 0 {
                    next = *then;
                    continue;
                }
                return Ok(Some((Piece::Content(content), Next::Content { of, then })));
            }
            Next::End => return Ok(Some((Piece::End, Next::Nothing))),
            Next::Nothing => return Ok(None),
        };
    }
}
