//! The one job that takes a question: when it commits, the request is acknowledged.
//!
//! Order, everywhere: key, conversation, quota. Membership is read after the lock, in a statement of its own.

use domain::{
    Action, ConversationId, EventKind, MemberRole, Message, MessageId, Part, Parts, Role, State, Timestamp,
    TitleOrigin, Turn, TurnId, TurnKind, conversation::first_words,
};
use hub::{Log, Opened};
use std::sync::Arc;
use store::{Tx, conversations::Locked, idempotency};

use crate::{Actor, App, Error, Result, access, app::ONLY_NODE};

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
    },
    Joined(TurnId),
}

/// Writes question, empty answer and turn in one job.
pub(super) async fn begin(app: &App, actor: &Actor, ask: Ask, options: Options) -> Result<Begun> {
    if let Ask::Say { text, .. } | Ask::Edit { text, .. } = &ask {
        check_text(app, text)?;
    }
    // A repeat joins whatever has become of models and messages since; the claim in the job stays the authority.
    if let Some(key) = &options.key
        && let Some(first) = idempotency::find(&app.db, actor.user, &key.key).await?
    {
        return Ok(Begun::Joined(TurnId(key.joins(&first)?)));
    }
    let conversation = where_is(app, actor, &ask).await?;
    let preferred = match conversation {
        Some(id) if options.model.is_none() => {
            access::conversation(&app.db, actor, id, Action::Prompt).await?.model
        }
        _ => options.model.clone(),
    };
    let model = app.models.choose(options.model.as_deref(), preferred.as_deref()).await?;
    let job = Job {
        app: app.clone(),
        actor: *actor,
        ask,
        conversation,
        model,
        key: options.key.clone(),
        now: app.now(),
        node: (ONLY_NODE, app.epoch()),
        max_waiting: (app.config.chat.max_waiting_per_conversation, app.config.chat.max_waiting_per_user),
    };
    match app.db.write(async move |tx| job.run(tx).await).await? {
        Written::Joined(turn) => Ok(Begun::Joined(turn)),
        Written::New { turn, opened, kept, untitled } => {
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
            Ok(Begun::New(Box::new(New { turn: *turn, log, options, kept, untitled })))
        }
    }
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
    model: String,
    key: Option<IdempotencyKey>,
    now: Timestamp,
    node: (i64, i64),
    max_waiting: (i64, i64),
}

/// Where the answer hangs.
struct Place {
    kind: TurnKind,
    /// The question, and what is new of it.
    question: MessageId,
    new_question: Option<(Option<MessageId>, String)>,
    continued: Option<MessageId>,
    kept: Parts,
}

impl Job {
    async fn run(self, tx: &mut Tx) -> Result<Written> {
        if let Some(turn) = self.claim_key(tx).await? {
            return Ok(Written::Joined(turn));
        }
        let (conversation, locked, made) = self.lock(tx).await?;
        self.check(tx, conversation, &locked).await?;
        let ids = Ids::draw(&self.app);
        let opened = self.app.hub.logs.open(ids.turn);
        if let Some(key) = self.key_row() {
            idempotency::made(tx, &key, ids.turn.0).await?;
        }
        let untitled = if made { self.first_words() } else { self.name(tx, conversation, &locked).await? };
        let waiting = self.queue(tx, conversation).await?;
        let place = self.place(tx, conversation, &locked, ids).await?;
        let state = if waiting { State::Waiting } else { State::Running };
        let turn = Turn {
            id: ids.turn,
            conversation_id: conversation,
            user_id: self.actor.user,
            user_message_id: place.question,
            message_id: ids.answer,
            kind: place.kind,
            continued_id: place.continued,
            state,
            model: self.model.clone(),
            node: self.node.0,
            epoch: self.node.1,
            done_seq: None,
            created_at: self.now,
            settled_at: None,
        };
        let mut added = 1;
        if let Some((parent, text)) = place.new_question {
            added = 2;
            let mut question = self.message(&turn, place.question, parent, Role::User, State::Completed);
            question.parts = Parts::text_only(text.as_str());
            store::messages::insert(tx, &question, Some(self.actor.user)).await?;
            store::search::add(tx, question.id.0, locked.owner, &text).await?;
        }
        let mut answer = self.message(&turn, turn.message_id, Some(place.question), Role::Assistant, state);
        answer.model = Some(self.model.clone());
        store::messages::insert(tx, &answer, None).await?;
        store::turns::insert(tx, &turn).await?;
        store::conversations::grow(tx, conversation, turn.message_id, added, self.now).await?;
        Ok(Written::New { turn: Box::new(turn), opened, kept: place.kept, untitled })
    }

    fn key_row(&self) -> Option<idempotency::Key> {
        self.key.as_ref().map(|key| key.row(&self.actor))
    }

    /// Takes the key, or finds the turn that it was taken for.
    async fn claim_key(&self, tx: &mut Tx) -> Result<Option<TurnId>> {
        let (Some(key), Some(row)) = (&self.key, self.key_row()) else { return Ok(None) };
        match idempotency::claim(tx, &row, 0, self.now).await? {
            None => Ok(None),
            Some(first) => key.joins(&first).map(|id| Some(TurnId(id))),
        }
    }

    fn first_words(&self) -> Option<String> {
        match &self.ask {
            Ask::Say { text, .. } => Some(text.clone()),
            Ask::Edit { .. } | Ask::Regenerate { .. } | Ask::Continue { .. } => None,
        }
    }

    /// Locks the conversation, or makes it. Says whether it was made.
    async fn lock(&self, tx: &mut Tx) -> Result<(ConversationId, Locked, bool)> {
        if let Some(id) = self.conversation {
            let locked =
                store::conversations::lock(tx, id).await?.ok_or(Error::NotFound(access::CONVERSATION))?;
            return Ok((id, locked, false));
        }
        let id = ConversationId(self.app.new_id());
        let Ask::Say { text, .. } = &self.ask else { return Err(Error::NotFound("message")) };
        let title = first_words(text);
        let new = store::conversations::New {
            id,
            owner: self.actor.user,
            title: title.clone(),
            title_origin: TitleOrigin::Words,
            model: None,
            instructions: None,
            now: self.now,
        };
        store::conversations::insert(tx, &new).await?;
        store::search::add(tx, id.0, self.actor.user, &title).await?;
        let locked = Locked {
            active: None,
            owner: self.actor.user,
            title,
            title_origin: TitleOrigin::Words,
            model: None,
            deleted_at: None,
            is_ended: false,
        };
        Ok((id, locked, true))
    }

    /// Names a conversation that was made empty by the first words that are said in it.
    async fn name(&self, tx: &mut Tx, id: ConversationId, locked: &Locked) -> Result<Option<String>> {
        let words = self.first_words().filter(|_| locked.active.is_none());
        let Some(words) = words.filter(|_| locked.title_origin == TitleOrigin::Words) else {
            return Ok(None);
        };
        let title = first_words(&words);
        store::conversations::rename(tx, id, &title, TitleOrigin::Words, self.now).await?;
        store::search::put(tx, id.0, locked.owner, &title).await?;
        Ok(Some(words))
    }

    /// Asks, after the lock, whether the actor may, the conversation is there, the account lives and this node may.
    async fn check(&self, tx: &mut Tx, conversation: ConversationId, locked: &Locked) -> Result<()> {
        if self.conversation.is_some() {
            let role: Option<MemberRole> =
                store::members::role_of(&mut *tx, conversation, self.actor.user).await?;
            if locked.is_ended {
                return Err(Error::NotFound(access::CONVERSATION));
            }
            access::may(role, Action::Prompt)?;
            if locked.deleted_at.is_some() {
                return Err(Error::conflict(
                    "in_trash",
                    "This conversation is in the trash. Restore it before you write to it.",
                ));
            }
        }
        if !store::users::is_active(&mut *tx, self.actor.user).await? {
            return Err(Error::Unauthenticated("This account is not active. Ask an administrator."));
        }
        if !store::nodes::is_current(tx, self.node.0, self.node.1).await? {
            return Err(Error::Unavailable {
                code: "node_not_current",
                message: "The server is taking over from another one. Nothing was sent; try again.".into(),
            });
        }
        Ok(())
    }

    /// Says whether the turn has to wait, unless too many do.
    async fn queue(&self, tx: &mut Tx, conversation: ConversationId) -> Result<bool> {
        let (here, waiting) = store::turns::count_unsettled(tx, conversation, self.actor.user).await?;
        if here == 0 {
            return Ok(false);
        }
        if here > self.max_waiting.0 || waiting >= self.max_waiting.1 {
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
        let mut place = Place {
            kind: TurnKind::Send,
            question: ids.question,
            new_question: None,
            continued: None,
            kept: Parts::default(),
        };
        match &self.ask {
            Ask::Say { text, parent, .. } => {
                let parent = self.branch(tx, conversation, locked, *parent).await?;
                place.new_question = Some((parent, text.clone()));
            }
            Ask::Edit { message, text } => {
                let old =
                    self.read(tx, conversation, *message, Role::User, "is not a question of yours").await?;
                place.kind = TurnKind::Edit;
                place.new_question = Some((old.parent_id, text.clone()));
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

    fn message(
        &self,
        turn: &Turn,
        id: MessageId,
        parent_id: Option<MessageId>,
        role: Role,
        state: State,
    ) -> Message {
        Message {
            id,
            conversation_id: turn.conversation_id,
            parent_id,
            role,
            parts: Parts::default(),
            state,
            turn_id: Some(turn.id),
            model: None,
            usage: None,
            finish_reason: None,
            error: None,
            created_at: self.now,
            sibling_ids: Vec::new(),
            covers: None,
        }
    }
}
