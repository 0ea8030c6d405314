//! The one job that takes a question: when it commits, the request is acknowledged.
//!
//! Order, everywhere: key, conversation, quota. Membership is read after the lock, in a statement of its own.

use domain::{
    Action, ConversationId, EventKind, Message, MessageId, Part, Parts, Role, State, Timestamp, TitleOrigin,
    Turn, TurnId, TurnKind, conversation::first_words,
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

use crate::{Actor, App, Error, Result, access, app::ONLY_NODE, events};

/// What is asked.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Something new, in a conversation or in a new one.
    Say {
        /// What is said.
        text: String,
        /// Where; none makes a conversation.
        conversation: Option<ConversationId>,
        /// Names a branch: the active one if it lies on it, else the newest leaf below it.
        parent: Option<MessageId>,
    },
    /// The question in other words: a sibling of `message`.
    Edit {
        /// The question.
        message: MessageId,
        /// The other words.
        text: String,
    },
    /// The question of this answer again: a sibling of `message`.
    Regenerate {
        /// The answer.
        message: MessageId,
    },
    /// This answer, which ended before its end, goes on in a sibling.
    Continue {
        /// The answer.
        message: MessageId,
    },
}

/// A key that makes sending twice sending once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key.
    pub key: String,
    /// The path of the request.
    pub route: String,
    /// A hash of its body.
    pub body_hash: String,
}

impl IdempotencyKey {
    /// The row of this key, for its user.
    pub(crate) fn row(&self, actor: &Actor) -> idempotency::Key {
        idempotency::Key {
            user: actor.user,
            key: self.key.clone(),
            route: self.route.clone(),
            body_hash: self.body_hash.clone(),
        }
    }

    /// What the first request with this key made, if this one is the same.
    pub(crate) fn joins(&self, first: &idempotency::Claimed) -> Result<i64> {
        if first.route == self.route && first.body_hash == self.body_hash {
            return Ok(first.result_id);
        }
        Err(Error::invalid(
            "Idempotency-Key",
            "was used for another request; send this one with a key of its own",
        ))
    }
}

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The model; none means the conversation's, else the default.
    pub model: Option<String>,
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// The most tokens to answer with.
    pub max_tokens: Option<i64>,
    /// Makes a repeat join the turn.
    pub key: Option<IdempotencyKey>,
}

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
    /// What is known if the conversation is new with this turn: nothing was said in it but its words.
    pub first: Option<First>,
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
        first: Option<First>,
    },
    Joined(TurnId),
}

/// Writes question, empty answer and turn in one job.
pub(super) async fn begin(app: &App, actor: &Actor, ask: Ask, options: Options) -> Result<Begun> {
    if let Ask::Say { text, .. } | Ask::Edit { text, .. } = &ask {
        check_text(app, text)?;
    }
    match write(app, actor, ask, &options).await {
        Ok(Written::Joined(turn)) => Ok(Begun::Joined(turn)),
        Ok(Written::New { turn, opened, kept, untitled, first }) => {
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
            Ok(Begun::New(Box::new(New { turn: *turn, log, options, kept, untitled, first })))
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
    let job = Job {
        app: app.clone(),
        actor: *actor,
        conversation: where_is(app, actor, &ask).await?,
        ask,
        model: options.model.clone(),
        key: options.key.clone(),
        now: app.now(),
        node: (ONLY_NODE, app.epoch()),
        max_waiting: (app.config.chat.max_waiting_per_conversation, app.config.chat.max_waiting_per_user),
    };
    app.db.write(async move |tx| job.run(tx).await).await
}

fn check_text(app: &App, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid("message", "must not be empty"));
    }
    let (chars, most) = (text.chars().count(), app.config.chat.message_chars);
    if chars > most {
        return Err(Error::TooLarge(format!(
            "The message has {chars} characters; at most {most} can be sent at once. Shorten it or send it in parts."
        )));
    }
    Ok(())
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
}

impl Place {
    /// Of a question that is new.
    fn after(parent: Option<MessageId>, question: MessageId) -> Self {
        Self { kind: TurnKind::Send, question, parent, continued: None, kept: Parts::default() }
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
        let Ask::Say { text, .. } = &self.ask else { return Err(Error::NotFound("message")) };
        let (conversation, ids) = (ConversationId(self.app.new_id()), Ids::draw(&self.app));
        let new = store::conversations::New {
            id: conversation,
            owner: self.actor.user,
            title: first_words(text),
            title_origin: TitleOrigin::Words,
            model: None,
            instructions: None,
            now: self.now,
        };
        let model = self.app.models.choose(self.model.as_deref(), None)?;
        let place = Place::after(None, ids.question);
        let turn = self.turn(conversation, ids, &place, model, false);
        let opened = self.app.hub.logs.open(turn.id);
        let key = self.key_row();
        let opening = Opening { conversation: &new, turn: &turn, text, key: key.as_ref() };
        let first = match store::turns::open(tx, &opening).await? {
            store::turns::Opened::Written { custom } => Some(First { custom }),
            store::turns::Opened::Repeated(first) => return self.join(&first),
            store::turns::Opened::Inactive => return Err(inactive()),
            store::turns::Opened::NotCurrent => return Err(not_current()),
        };
        let untitled = Some(text.clone());
        Ok(Written::New { turn: Box::new(turn), opened, kept: place.kept, untitled, first })
    }

    /// Asks in a conversation that is there.
    async fn go_on(&self, tx: &mut Tx, conversation: ConversationId) -> Result<Written> {
        if let Some(joined) = self.claim_key(tx).await? {
            return Ok(joined);
        }
        let locked = store::conversations::lock(tx, conversation).await?;
        let locked = locked.ok_or(Error::NotFound(access::CONVERSATION))?;
        let waits = self.check(tx, conversation, &locked).await?;
        let model = self.app.models.choose(self.model.as_deref(), locked.model.as_deref())?;
        let ids = Ids::draw(&self.app);
        if let Some(key) = self.key_row() {
            idempotency::made(tx, &key, ids.turn.0).await?;
        }
        let place = self.place(tx, conversation, &locked, ids).await?;
        let question = self.question(&place);
        let turn = self.turn(conversation, ids, &place, model, waits);
        let opened = self.app.hub.logs.open(turn.id);
        store::turns::begin(tx, &turn, question.as_ref()).await?;
        let title = self.name(tx, conversation, &locked).await?;
        let texts: Vec<(i64, &str)> = (title.iter().map(|title| (conversation.0, title.as_str())))
            .chain(self.said().map(|text| (place.question.0, text)))
            .collect();
        store::search::put_all(tx, locked.owner, &texts).await?;
        let added = 1 + i64::from(question.is_some());
        store::conversations::grow(tx, conversation, turn.message_id, added, self.now).await?;
        let untitled = self.said().filter(|_| title.is_some()).map(str::to_owned);
        Ok(Written::New { turn: Box::new(turn), opened, kept: place.kept, untitled, first: None })
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
        self.said().map(|text| Question { parent: place.parent, parts: Parts::text_only(text) })
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
        }
    }

    /// Names a conversation that was made empty by the first words that are said in it.
    async fn name(
        &self,
        tx: &mut Tx,
        conversation: ConversationId,
        locked: &Locked,
    ) -> Result<Option<String>> {
        let is_unnamed = locked.active.is_none() && locked.title_origin == TitleOrigin::Words;
        let Ask::Say { text, .. } = &self.ask else { return Ok(None) };
        if !is_unnamed {
            return Ok(None);
        }
        let title = first_words(text);
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
            Ask::Say { parent, .. } => {
                place.parent = self.branch(tx, conversation, locked, *parent).await?;
            }
            Ask::Edit { message, .. } => {
                let old =
                    self.read(tx, conversation, *message, Role::User, "is not a question of yours").await?;
                place.kind = TurnKind::Edit;
                place.parent = old.parent_id;
            }
            Ask::Regenerate { message } => {
                let old = self.read(tx, conversation, *message, Role::Assistant, "is not an answer").await?;
                place.kind = TurnKind::Regenerate;
                place.question = old.parent_id.ok_or(Error::NotFound("message"))?;
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
                place.continued = Some(old.id);
                place.kept = Parts(
                    old.parts.0.into_iter().filter(|part| !matches!(part, Part::Source { .. })).collect(),
                );
            }
        }
        Ok(place)
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
        if message.role == role { Ok(message) } else { Err(Error::invalid("message_id", otherwise)) }
    }
}
