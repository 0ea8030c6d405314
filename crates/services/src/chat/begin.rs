//! The one job that takes a question: when it commits, the request is acknowledged.
//!
//! Order, everywhere: key, conversation, quota. Membership is read after the lock, in a statement of its own.

use domain::{
    Action, Attachment, ConversationId, EventKind, FileId, Message, MessageId, Parts, Role, State, Timestamp,
    TitleOrigin, Turn, TurnId, TurnKind, conversation::first_words,
};
use hub::{Log, Opened};
use std::sync::Arc;
use store::{
    Tx,
    conversations::Locked,
    idempotency::{self, Claimed},
    messages::Question,
    turns::{Footing, Opening},
};

use super::ask::{Ask, IdempotencyKey, Options, check};
use crate::{
    Actor, App, Error, Result, access,
    app::ONLY_NODE,
    events, files,
    plans::{self, Allowance, Grant},
};

/// A turn that was begun and has no runner yet.
pub struct New {
    /// The turn as it was written.
    pub turn: Turn,
    /// Its log, with `start` in it.
    pub log: Arc<Log>,
    /// How it is asked.
    pub options: Options,
    /// What is kept of the answer that goes on.
    pub kept: Parts,
    /// The words to name a new conversation by.
    pub untitled: Option<String>,
    /// What the question says, if it is new.
    pub asked: Parts,
    /// What is known if the conversation is new with this turn: nothing was said in it but its words.
    pub first: Option<First>,
    /// What whoever asks may use.
    pub grant: Grant,
}

/// What is known of a conversation that is new.
#[derive(Debug)]
pub struct First {
    /// What every answer for whoever asks should heed.
    pub custom: Option<String>,
}

/// What a begin came to.
pub enum Begun {
    /// A turn, to be run.
    New(Box<New>),
    /// The turn of the first request with this key.
    Joined(TurnId),
}

/// What the job decided.
enum Written {
    /// The log is open, and is gone with this if the commit fails.
    New {
        turn: Box<Turn>,
        opened: Opened,
        kept: Parts,
        untitled: Option<String>,
        asked: Parts,
        first: Option<First>,
        grant: Grant,
    },
    Joined(TurnId),
}

/// Writes question, empty answer and turn in one job.
pub(super) async fn begin(app: &App, actor: &Actor, ask: Ask, options: Options) -> Result<Begun> {
    check(app, &ask)?;
    match write(app, actor, ask, &options).await {
        Ok(Written::Joined(turn)) => Ok(Begun::Joined(turn)),
        Ok(Written::New { turn, opened, kept, untitled, asked, first, grant }) => {
            let log = opened.keep();
            log.append(EventKind::Start {
                turn_id: turn.id,
                conversation_id: turn.conversation_id,
                user_message_id: turn.user_message_id,
                message_id: turn.message_id,
                model: turn.model.clone(),
            });
            if turn.state == State::Running {
                log.promote();
            }
            events::turn_begun(app, &turn, first.is_some());
            Ok(Begun::New(Box::new(New { turn: *turn, log, options, kept, untitled, asked, first, grant })))
        }
        Err(error) => join_after(app, actor, options.key.as_ref(), error).await,
    }
}

/// A repeat that cannot be taken any more, whatever has become of models and messages since, joins the first.
async fn join_after(app: &App, actor: &Actor, key: Option<&IdempotencyKey>, error: Error) -> Result<Begun> {
    let Some(key) = key else { return Err(error) };
    match idempotency::find(&app.db, actor.user, &key.key).await {
        Ok(Some(first)) => Ok(Begun::Joined(TurnId(key.joins(&first)?))),
        Ok(None) | Err(_) => Err(error),
    }
}

async fn write(app: &App, actor: &Actor, ask: Ask, options: &Options) -> Result<Written> {
    app.models.first_list().await;
    let now = app.now();
    let job = Job {
        app: app.clone(),
        actor: *actor,
        conversation: where_is(app, actor, &ask).await?,
        ask,
        model: options.model.clone(),
        key: options.key.clone(),
        now,
        allowance: plans::allowance(app, actor, now).await?,
        node: (ONLY_NODE, app.epoch()),
        max_waiting: (app.config.chat.max_waiting_per_conversation, app.config.chat.max_waiting_per_user),
    };
    app.db.write(async move |tx| job.run(tx).await).await
}

/// The conversation that an ask is about.
async fn where_is(app: &App, actor: &Actor, ask: &Ask) -> Result<Option<ConversationId>> {
    match ask {
        Ask::Say { conversation, .. } => Ok(*conversation),
        Ask::Edit { message, .. } | Ask::Regenerate { message } | Ask::Continue { message } => {
            let found = store::messages::find(&app.db, actor.user, *message).await?;
            Ok(Some(found.ok_or(Error::NotFound("message"))?.conversation_id))
        }
    }
}

fn inactive() -> Error {
    Error::Unauthenticated("This account is not active. Ask an administrator.")
}

fn not_current() -> Error {
    Error::Unavailable {
        code: "node_not_current",
        message: "The server is taking over from another one. Nothing was sent; try again.".into(),
    }
}

/// The ids of a turn. Drawn under the conversation's lock, so that their order is that of the turns.
#[derive(Debug, Clone, Copy)]
struct Ids {
    question: MessageId,
    answer: MessageId,
    turn: TurnId,
}

impl Ids {
    fn draw(app: &App) -> Self {
        Self {
            question: MessageId(app.new_id()),
            answer: MessageId(app.new_id()),
            turn: TurnId(app.new_id()),
        }
    }
}

/// Everything that the job needs; it does nothing but SQL.
struct Job {
    app: App,
    actor: Actor,
    ask: Ask,
    conversation: Option<ConversationId>,
    /// The model that was asked for.
    model: Option<String>,
    key: Option<IdempotencyKey>,
    now: Timestamp,
    /// What the plan allows, and what the message is counted against.
    allowance: Allowance,
    node: (i64, i64),
    max_waiting: (i64, i64),
}

/// Where the answer hangs.
struct Place {
    kind: TurnKind,
    /// The question, and what it follows if it is new.
    question: MessageId,
    parent: Option<MessageId>,
    continued: Option<MessageId>,
    kept: Parts,
    /// What the question says.
    asked: Parts,
}

impl Place {
    /// Of a question that is new.
    fn after(parent: Option<MessageId>, question: MessageId) -> Self {
        Self {
            kind: TurnKind::Send,
            question,
            parent,
            continued: None,
            kept: Parts::default(),
            asked: Parts::default(),
        }
    }
}

impl Job {
    async fn run(self, tx: &mut Tx) -> Result<Written> {
        match self.conversation {
            Some(conversation) => self.go_on(tx, conversation).await,
            None => self.open(tx).await,
        }
    }

    /// Makes a conversation of its first question. Nobody else can have turns in it: its ids are known at once, and
    /// its row is written as it stays.
    async fn open(&self, tx: &mut Tx) -> Result<Written> {
        let Ask::Say { text, files, .. } = &self.ask else { return Err(Error::NotFound("message")) };
        let asked = self.say(tx, text, None, files).await?;
        let words = words_of(&asked);
        let (conversation, ids) = (ConversationId(self.app.new_id()), Ids::draw(&self.app));
        let new = store::conversations::New {
            id: conversation,
            owner: self.actor.user,
            title: first_words(&words),
            title_origin: TitleOrigin::Words,
            model: None,
            instructions: None,
            now: self.now,
        };
        let model = self.choose(None)?;
        self.check_files(&model, &asked)?;
        let place = Place::after(None, ids.question);
        let turn = self.turn(conversation, ids, &place, model, false);
        let opened = self.app.hub.logs.open(turn.id);
        let key = self.key_row();
        let charge = self.allowance.charge;
        let opening = Opening { conversation: &new, turn: &turn, parts: &asked, key: key.as_ref(), charge };
        let first = match store::turns::open(tx, &opening).await? {
            store::turns::Opened::Written { custom } => Some(First { custom }),
            store::turns::Opened::Repeated(first) => return self.join(&first),
            store::turns::Opened::Inactive => return Err(inactive()),
            store::turns::Opened::NotCurrent => return Err(not_current()),
            store::turns::Opened::Exhausted { used } => return Err(self.allowance.exhausted(used, self.now)),
        };
        attach(tx, turn.user_message_id, &asked).await?;
        let untitled = Some(words);
        let (kept, grant) = (place.kept, self.allowance.grant.clone());
        Ok(Written::New { turn: Box::new(turn), opened, kept, untitled, asked, first, grant })
    }

    /// Asks in a conversation that is there.
    async fn go_on(&self, tx: &mut Tx, conversation: ConversationId) -> Result<Written> {
        if let Some(joined) = self.claim_key(tx).await? {
            return Ok(joined);
        }
        let locked = store::conversations::lock(tx, conversation).await?;
        let locked = locked.ok_or(Error::NotFound(access::CONVERSATION))?;
        let waits = self.check(tx, conversation, &locked).await?;
        let model = self.choose(locked.model.as_deref())?;
        let ids = Ids::draw(&self.app);
        if let Some(key) = self.key_row() {
            idempotency::made(tx, &key, ids.turn.0).await?;
        }
        let place = self.place(tx, conversation, &locked, ids).await?;
        self.check_files(&model, &place.asked)?;
        let question = self.question(&place);
        let turn = self.turn(conversation, ids, &place, model, waits);
        self.reserve(tx).await?;
        let opened = self.app.hub.logs.open(turn.id);
        store::turns::begin(tx, &turn, question.as_ref()).await?;
        if question.is_some() {
            attach(tx, turn.user_message_id, &place.asked).await?;
        }
        let title = self.name(tx, conversation, &locked, &place.asked).await?;
        let texts: Vec<(i64, &str)> = (title.iter().map(|title| (conversation.0, title.as_str())))
            .chain(self.said().map(|text| (place.question.0, text)))
            .collect();
        store::search::put_all(tx, locked.owner, &texts).await?;
        let added = 1 + i64::from(question.is_some());
        store::conversations::grow(tx, conversation, turn.message_id, added, self.now).await?;
        let untitled = title.map(|_| words_of(&place.asked));
        Ok(Written::New {
            turn: Box::new(turn),
            opened,
            kept: place.kept,
            untitled,
            asked: place.asked,
            first: None,
            grant: self.allowance.grant.clone(),
        })
    }

    /// The model that answers: one that the plan allows.
    fn choose(&self, preferred: Option<&str>) -> Result<String> {
        self.app.models.choose_within(&self.allowance.grant, self.model.as_deref(), preferred)
    }

    /// Counts the message, under the locks of the key and the conversation, unless the month has none left.
    async fn reserve(&self, tx: &mut Tx) -> Result<()> {
        let (user, charge) = (self.actor.user, self.allowance.charge);
        if store::quotas::reserve(tx, user, charge).await? {
            return Ok(());
        }
        Err(self.allowance.exhausted(store::quotas::used(tx, user, charge.month).await?, self.now))
    }

    fn key_row(&self) -> Option<idempotency::Key> {
        self.key.as_ref().map(|key| key.row(&self.actor))
    }

    /// Takes the key for a turn that is drawn later, or finds the one that it was taken for.
    async fn claim_key(&self, tx: &mut Tx) -> Result<Option<Written>> {
        let Some(row) = self.key_row() else { return Ok(None) };
        let first = idempotency::claim(tx, &row, 0, self.now).await?;
        first.map(|first| self.join(&first)).transpose()
    }

    /// The turn that the key was taken for.
    fn join(&self, first: &Claimed) -> Result<Written> {
        let turn = self.key.as_ref().map_or(Ok(first.result_id), |key| key.joins(first))?;
        Ok(Written::Joined(TurnId(turn)))
    }

    /// What is said that was not said before.
    fn said(&self) -> Option<&str> {
        match &self.ask {
            Ask::Say { text, .. } | Ask::Edit { text, .. } => Some(text),
            Ask::Regenerate { .. } | Ask::Continue { .. } => None,
        }
    }

    fn question(&self, place: &Place) -> Option<Question> {
        self.said().map(|_| Question { parent: place.parent, parts: place.asked.clone() })
    }

    fn turn(
        &self,
        conversation: ConversationId,
        ids: Ids,
        place: &Place,
        model: String,
        waits: bool,
    ) -> Turn {
        Turn {
            id: ids.turn,
            conversation_id: conversation,
            user_id: self.actor.user,
            user_message_id: place.question,
            message_id: ids.answer,
            kind: place.kind,
            continued_id: place.continued,
            state: if waits { State::Waiting } else { State::Running },
            model,
            node: self.node.0,
            epoch: self.node.1,
            done_seq: None,
            created_at: self.now,
            settled_at: None,
            quota_month: Some(self.allowance.charge.month),
        }
    }

    /// Names a conversation that was made empty by the first words that are said in it.
    async fn name(
        &self,
        tx: &mut Tx,
        conversation: ConversationId,
        locked: &Locked,
        asked: &Parts,
    ) -> Result<Option<String>> {
        let is_unnamed = locked.active.is_none() && locked.title_origin == TitleOrigin::Words;
        if !is_unnamed || !matches!(self.ask, Ask::Say { .. }) {
            return Ok(None);
        }
        let title = first_words(&words_of(asked));
        store::conversations::rename(tx, conversation, &title, TitleOrigin::Words, self.now).await?;
        Ok(Some(title))
    }

    /// Asks, after the lock, whether the actor may, the conversation is there, the account lives and this node may. Says
    /// whether the turn has to wait.
    async fn check(&self, tx: &mut Tx, conversation: ConversationId, locked: &Locked) -> Result<bool> {
        let footing = store::turns::footing(tx, conversation, self.actor.user, self.node).await?;
        if locked.is_ended {
            return Err(Error::NotFound(access::CONVERSATION));
        }
        access::may(footing.role, Action::Prompt)?;
        if locked.deleted_at.is_some() {
            return Err(Error::conflict(
                "in_trash",
                "This conversation is in the trash. Restore it before you write to it.",
            ));
        }
        if !footing.is_active {
            return Err(inactive());
        }
        if !footing.is_current {
            return Err(not_current());
        }
        self.queue(&footing)
    }

    /// Says whether the turn has to wait, unless too many do.
    fn queue(&self, footing: &Footing) -> Result<bool> {
        if footing.unsettled == 0 {
            return Ok(false);
        }
        if footing.unsettled > self.max_waiting.0 || footing.waiting >= self.max_waiting.1 {
            return Err(Error::TooMany {
                code: "too_many_waiting",
                message:
                    "Too many messages wait for an answer already. Send again when one has been answered."
                        .into(),
                retry_after: std::time::Duration::from_secs(5),
            });
        }
        Ok(true)
    }

    async fn place(
        &self,
        tx: &mut Tx,
        conversation: ConversationId,
        locked: &Locked,
        ids: Ids,
    ) -> Result<Place> {
        let mut place = Place::after(None, ids.question);
        match &self.ask {
            Ask::Say { text, parent, files, .. } => {
                place.parent = self.branch(tx, conversation, locked, *parent).await?;
                place.asked = self.say(tx, text, None, files).await?;
            }
            Ask::Edit { message, text, files } => {
                let old =
                    self.read(tx, conversation, *message, Role::User, "is not a question of yours").await?;
                place.kind = TurnKind::Edit;
                place.parent = old.parent_id;
                let kept = || old.parts.files().map(|file| file.id).collect();
                let files = files.clone().unwrap_or_else(kept);
                place.asked = self.say(tx, text, Some(old.id), &files).await?;
            }
            Ask::Regenerate { message } => {
                let old = self.read(tx, conversation, *message, Role::Assistant, "is not an answer").await?;
                place.kind = TurnKind::Regenerate;
                place.question = old.parent_id.ok_or(Error::NotFound("message"))?;
                place.asked = self.asked(tx, place.question).await?;
            }
            Ask::Continue { message } => {
                let old = self.read(tx, conversation, *message, Role::Assistant, "is not an answer").await?;
                let is_open = matches!(old.state, State::Interrupted | State::Stopped | State::Failed);
                if !is_open || old.parts.is_empty() {
                    return Err(Error::conflict(
                        "not_interrupted",
                        "Only an answer that ended before its end can go on. Ask for a new one instead.",
                    ));
                }
                place.kind = TurnKind::Continue;
                place.question = old.parent_id.ok_or(Error::NotFound("message"))?;
                place.asked = self.asked(tx, place.question).await?;
                place.continued = Some(old.id);
                place.kept = old.parts;
            }
        }
        Ok(place)
    }

    /// What is said, with the files that go with it, which are taken: the actor's, and those of the `earlier` message that
    /// is said in other words.
    async fn say(
        &self,
        tx: &mut Tx,
        text: &str,
        earlier: Option<MessageId>,
        files: &[FileId],
    ) -> Result<Parts> {
        if files.is_empty() {
            let asked = Parts::said([], text);
            // What is said for the first time was looked at before; an edit may take the only file away.
            return if asked.is_empty() {
                Err(Error::unfit("message", "must not be empty"))
            } else {
                Ok(asked)
            };
        }
        let ids: Vec<i64> = files.iter().map(|id| id.0).collect();
        let taken = store::files::take(tx, self.actor.user, earlier, &ids).await?;
        let mut taken: std::collections::HashMap<FileId, Attachment> =
            taken.into_iter().map(|file| (file.attachment.id, file.attachment)).collect();
        let found: Option<Vec<_>> = files.iter().map(|id| taken.remove(id)).collect();
        Ok(Parts::said(found.ok_or(Error::NotFound("file"))?, text))
    }

    /// What a question says that was asked before.
    async fn asked(&self, tx: &mut Tx, question: MessageId) -> Result<Parts> {
        let found = store::messages::find(tx, self.actor.user, question).await?;
        Ok(found.ok_or(Error::NotFound("message"))?.parts)
    }

    /// Refuses what the model cannot take.
    fn check_files(&self, model: &str, asked: &Parts) -> Result<()> {
        if asked.files().next().is_none() {
            return Ok(());
        }
        let chosen = self.app.models.find(model)?;
        files::prompt::check(&self.app.config.files, model, &chosen, asked)
    }

    /// The leaf that a new message follows: of the visible branch, or of the one that `parent` names.
    async fn branch(
        &self,
        tx: &mut Tx,
        conversation: ConversationId,
        locked: &Locked,
        parent: Option<MessageId>,
    ) -> Result<Option<MessageId>> {
        let Some(parent) = parent else { return Ok(locked.active) };
        let found = store::messages::find(&mut *tx, self.actor.user, parent).await?;
        if found.is_none_or(|message| message.conversation_id != conversation) {
            return Err(Error::NotFound("message"));
        }
        if let Some(active) = locked.active
            && store::messages::is_on_branch(&mut *tx, parent, active).await?
        {
            return Ok(Some(active));
        }
        Ok(Some(store::messages::newest_leaf_below(tx, parent).await?))
    }

    async fn read(
        &self,
        tx: &mut Tx,
        conversation: ConversationId,
        id: MessageId,
        role: Role,
        otherwise: &'static str,
    ) -> Result<Message> {
        let found = store::messages::find(tx, self.actor.user, id).await?;
        let message = found
            .filter(|message| message.conversation_id == conversation)
            .ok_or(Error::NotFound("message"))?;
        if message.role == role { Ok(message) } else { Err(Error::unfit("message_id", otherwise)) }
    }
}

/// The words to name a conversation by: what is said, else what its first file is called.
fn words_of(asked: &Parts) -> String {
    let text = asked.text();
    let name = || asked.files().next().map(|file| file.name.clone()).unwrap_or_default();
    if text.trim().is_empty() { name() } else { text }
}

/// Writes down that a question uses its files.
async fn attach(tx: &mut Tx, question: MessageId, asked: &Parts) -> Result<()> {
    let ids: Vec<i64> = asked.files().map(|file| file.id.0).collect();
    if !ids.is_empty() {
        store::files::attach(tx, question, &ids).await?;
    }
    Ok(())
}
