//! Answers to a history that the caller brings. Nothing of them is stored but what they cost, and that they count as a
//! message of the month: that is held before the provider is asked, and given back if nothing was said.
//!
//! Such an answer belongs to its reader: whoever drops it drops the provider's connection, and what was said by then is
//! counted. It ends with the session or key that asked for it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::{MessageError, Part, Usage, UserId};
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use hub::Served;
use providers::{
    Attached, ChatMessage, ChatRequest, Delta, Deltas, ProviderError, ToolChoice, ToolSpec, estimate_tokens,
};

use store::quotas::{self, Hold};

use super::{
    ask::check_text,
    fallback::{Answering, Asking},
    lookup::{self, Looked},
};
use crate::{
    Actor, App, Error, Result, accounts,
    app::ONLY_NODE,
    plans::{self, Allowance},
    web_search,
};

/// Between two tries of a settle that fails: doubled each time up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LAST_PAUSE: Duration = Duration::from_secs(5);
/// How many answers that were left behind are settled at once, so that they share commits.
const AT_ONCE: usize = 64;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// The model; none means the default.
    pub model: Option<String>,
    /// What was said so far, oldest first.
    pub messages: Vec<ChatMessage>,
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// The most tokens to answer with.
    pub max_tokens: Option<i64>,
    /// Tools of the caller's: calls of them go back to the caller.
    pub tools: Vec<ToolSpec>,
    /// Whether the model must call one.
    pub tool_choice: Option<ToolChoice>,
    /// Whether the web is searched first, for the last question.
    pub use_rag: bool,
}

/// Why an answer did not come to its end.
#[derive(Debug, Clone)]
pub struct Failed {
    /// What happened.
    pub error: MessageError,
    /// How long the provider asked to be left alone, if it did.
    pub retry_after: Option<Duration>,
}

impl Failed {
    pub(crate) fn of(code: &str, message: &str) -> Self {
        let error = MessageError { code: code.to_owned(), message: message.to_owned(), retryable: true };
        Self { error, retry_after: None }
    }
}

impl From<ProviderError> for Failed {
    fn from(error: ProviderError) -> Self {
        let retry_after = error.retry_after();
        let (code, message, retryable) = (error.code().to_owned(), error.to_string(), error.retryable());
        Self { error: MessageError { code, message, retryable }, retry_after }
    }
}

/// An answer under way.
pub struct Unstored {
    /// Its number.
    pub id: i64,
    /// The model that answers. Another one may stand in for it until the first word.
    pub model: Answering,
    /// What it leans on: always [`Part::Source`]s.
    pub sources: Vec<Part>,
    /// What it says. One that comes to its end says last what it cost and why it ended.
    pub deltas: BoxStream<'static, Result<Delta, Failed>>,
}

/// How many such answers are under way, by the account that they are for.
#[derive(Debug, Default)]
pub(crate) struct Underway(Mutex<HashMap<UserId, usize>>);

impl Underway {
    fn enter(&self, user: UserId, most: usize) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(user).or_default();
        let may = *count < most;
        *count += usize::from(may);
        may
    }

    fn leave(&self, user: UserId) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&user) {
            *count -= 1;
            if *count == 0 {
                held.remove(&user);
            }
        }
    }
}

/// Asks a model. Nothing is sent to it before the answer is read; the web is searched at once, if that is wanted.
pub async fn answer_unstored(app: &App, actor: &Actor, mut ask: Brought) -> Result<Unstored> {
    takes_questions(app)?;
    for message in &ask.messages {
        check_text(app, &message.text)?;
    }
    app.models.first_list().await;
    let now = app.now();
    let allowance = plans::allowance(app, actor, now).await?;
    let model = app.models.choose_within(&allowance.grant, ask.model.as_deref(), None)?;
    let chosen = app.models.find(&model)?;
    let is_image = |one: &Attached| matches!(one, Attached::Image { .. });
    if chosen.vision == Some(false)
        && ask.messages.iter().any(|message| message.attached.iter().any(is_image))
    {
        return Err(Error::unfit("messages", "holds an image, and this model sees none"));
    }
    if ask.use_rag {
        web_search::may(app, actor).await?;
    }
    let place = Place::take(app, actor)?;
    let answering = Answering::of(&model);
    let mut asking = Asking::unstored(app, &allowance.grant, &answering, chosen.provider);
    let id = app.new_id();
    let hold =
        Hold { id, user: actor.user, month: allowance.charge.month, node: (ONLY_NODE, app.epoch()), now };
    let mut call = Call {
        served: accounts::serve(app, actor),
        app: app.clone(),
        user: actor.user,
        _place: place,
        id,
        model: answering.clone(),
        deltas: stream::empty().boxed(),
        ready: VecDeque::new(),
        usage: None,
        prompt_estimate: 0,
        said_estimate: 0,
        is_asked: false,
        is_refused: false,
        gives_back: true,
        is_done: false,
        // Nothing is held yet.
        is_noted: true,
        is_over: false,
    };
    // In a task of its own: when the caller leaves meanwhile, what was held is settled with the call.
    let mut call = app
        .detached(async move {
            hold_one(&call.app, &allowance, hold).await?;
            call.is_noted = false;
            Ok(call)
        })
        .await?;
    // Whoever may not ask gets no search either, and whoever leaves under it has had one.
    let looked = if ask.use_rag {
        call.gives_back = false;
        lookup::bring(app, &mut ask.messages).await
    } else {
        Looked::Nowhere
    };
    call.prompt_estimate = ask.messages.iter().map(ChatMessage::estimate).sum();
    call.deltas = asking.stream(ChatRequest {
        model: chosen.vendor_model,
        messages: ask.messages,
        temperature: ask.temperature,
        max_tokens: ask.max_tokens,
        tools: ask.tools,
        tool_choice: ask.tool_choice,
    });
    let deltas = stream::unfold(call, Call::next).boxed();
    Ok(Unstored { id, model: answering, sources: looked.parts(), deltas })
}

/// Whether anything can be asked now.
pub(crate) fn takes_questions(app: &App) -> Result<()> {
    if app.installation.refuses_sends() {
        return Err(Error::Unavailable {
            code: "stopping",
            message: "The server is being restarted. Send again in a moment.".into(),
        });
    }
    Ok(())
}

/// One of the places that an account has. It is left when this is dropped.
pub(crate) struct Place {
    app: App,
    user: UserId,
}

impl Place {
    /// Takes a place, unless all are taken.
    pub(crate) fn take(app: &App, actor: &Actor) -> Result<Self> {
        if !app.unstored.enter(actor.user, app.config.chat.max_unstored_per_user) {
            return Err(Error::TooMany {
                code: "too_many_running",
                message: "Too many answers are being written for this account. Ask again when one has ended."
                    .into(),
                retry_after: Duration::from_secs(5),
            });
        }
        Ok(Self { app: app.clone(), user: actor.user })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.app.unstored.leave(self.user);
    }
}

struct Call {
    app: App,
    served: Served,
    user: UserId,
    _place: Place,
    id: i64,
    model: Answering,
    deltas: Deltas,
    /// What is to be told next.
    ready: VecDeque<Delta>,
    /// What the provider says it cost.
    usage: Option<Usage>,
    /// About how many tokens were asked with, and said, for a provider that does not say.
    prompt_estimate: i64,
    said_estimate: i64,
    is_asked: bool,
    /// It was refused before the first word, which costs nothing.
    is_refused: bool,
    /// It counts as no message: nothing was asked of anybody, or it failed before the first word.
    gives_back: bool,
    /// The provider came to its end.
    is_done: bool,
    is_noted: bool,
    is_over: bool,
}

impl Call {
    async fn next(mut self) -> Option<(Result<Delta, Failed>, Self)> {
        loop {
            if let Some(delta) = self.ready.pop_front() {
                return Some((Ok(delta), self));
            }
            if self.is_over {
                return None;
            }
            (self.is_asked, self.gives_back) = (true, false);
            let heard = tokio::select! {
                biased;
                () = self.served.ended() => Some(Err(Failed::of("session_ended", "The session or key has ended."))),
                () = self.app.stopping().cancelled() => {
                    Some(Err(Failed::of("stopping", "The server is being restarted. Ask again in a moment.")))
                }
                delta = self.deltas.next() => delta.map(|delta| delta.map_err(Failed::from)),
            };
            match heard {
                Some(Ok(delta)) => self.take(delta).await,
                Some(Err(failed)) => {
                    (self.is_over, self.gives_back) = (true, self.said_estimate == 0);
                    self.is_refused = self.said_estimate == 0 && self.usage.is_none();
                    self.note().await;
                    return Some((Err(failed), self));
                }
                None => {
                    (self.is_over, self.is_done) = (true, true);
                    self.note().await;
                }
            }
        }
    }

    async fn take(&mut self, delta: Delta) {
        match &delta {
            Delta::Text(text) | Delta::Reasoning(text) => self.said_estimate += estimate_tokens(text),
            Delta::ToolCall { arguments, .. } => self.said_estimate += estimate_tokens(arguments).max(1),
            Delta::Usage(usage) => {
                self.usage = Some(*usage);
                return;
            }
            Delta::Finish(_) => {
                self.is_done = true;
                self.note().await;
                self.ready.push_back(Delta::Usage(self.cost()));
            }
        }
        self.ready.push_back(delta);
    }

    fn cost(&self) -> Usage {
        self.usage.unwrap_or(Usage {
            prompt_tokens: self.prompt_estimate,
            completion_tokens: self.said_estimate,
            reasoning_tokens: 0,
            estimated: true,
        })
    }

    /// Counts what it cost and settles what it held, once. Goes on when the reader leaves meanwhile.
    async fn note(&mut self) {
        if let Some(noting) = self.noting()
            && let Err(error) = self.app.spawn(noting).await
        {
            tracing::error!(%error, "the cost of an answer was not counted");
        }
    }

    fn noting(&mut self) -> Option<impl Future<Output = ()> + Send + use<>> {
        if std::mem::replace(&mut self.is_noted, true) {
            return None;
        }
        let note = Note {
            id: self.id,
            user: self.user,
            model: self.model.name().to_owned(),
            usage: Some(self.cost()).filter(|_| self.is_asked && !self.is_refused),
            gives_back: self.gives_back,
        };
        Some(note.write(self.app.clone()))
    }
}

/// What is written down of an answer that has ended.
#[derive(Debug, Clone)]
struct Note {
    id: i64,
    user: UserId,
    model: String,
    usage: Option<Usage>,
    gives_back: bool,
}

impl Note {
    /// Repeats until it is written. The next start settles what a server that is closing could not.
    async fn write(self, app: App) {
        let mut pause = FIRST_PAUSE;
        while let Err(error) = self.try_write(&app).await {
            tracing::error!(%error, "the cost of an answer was not counted; trying again");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = app.stopping().cancelled(), if pause >= Duration::from_secs(1) => return,
            }
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    async fn try_write(&self, app: &App) -> Result<()> {
        #[cfg(any(test, feature = "testing"))]
        app.faults.check(crate::faults::Point::SettleFails)?;
        let (note, now) = (self.clone(), app.now());
        app.db
            .write(async move |tx| {
                if let Some(usage) = note.usage {
                    let Note { id, user, ref model, .. } = note;
                    store::usage::insert_unstored(tx, id, user, model, usage, now).await?;
                }
                Ok(quotas::settle(tx, note.id, note.gives_back).await?)
            })
            .await
    }
}

/// Counts a message for an answer that nothing else of is stored.
async fn hold_one(app: &App, allowance: &Allowance, hold: Hold) -> Result<()> {
    let allowance = allowance.clone();
    app.db
        .write(async move |tx| {
            if !quotas::reserve(tx, hold.user, allowance.charge).await? {
                let used = quotas::used(tx, hold.user, hold.month).await?;
                return Err(allowance.exhausted(used, hold.now));
            }
            Ok(quotas::hold(tx, hold).await?)
        })
        .await
}

/// Gives back what answers had taken that an earlier epoch asked for: nobody will settle them.
pub(super) async fn give_back_left_behind(app: &App) -> Result<()> {
    let holds = quotas::left_behind(&app.db, ONLY_NODE, app.epoch()).await?;
    let settling = stream::iter(holds).map(async |hold| {
        let settled: Result<()> =
            app.db.write(async move |tx| Ok(quotas::settle(tx, hold, true).await?)).await;
        if let Err(error) = settled {
            tracing::error!(answer.id = hold, %error, "what an answer had taken could not be given back yet");
        }
    });
    settling.buffer_unordered(AT_ONCE).collect::<()>().await;
    Ok(())
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(noting) = self.noting() {
            self.app.spawn(noting);
        }
    }
}
