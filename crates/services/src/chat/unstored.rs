//! Answers to a history that the caller brings. Nothing of them is stored but what they cost.
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

use super::{
    ask::check_text,
    lookup::{self, Looked},
};
use crate::{Actor, App, Error, Result, accounts, web_search};

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
    /// The model, by the name that it is listed by.
    pub model: String,
    /// What it leans on: always [`Part::Source`]s.
    pub sources: Vec<Part>,
    /// What it says. One that comes to its end says last what it cost and why it ended.
    pub deltas: BoxStream<'static, Result<Delta, Failed>>,
}

/// How many such answers are under way, by the account that they are for.
#[derive(Debug, Default)]
pub(crate) struct Underway(Mutex<HashMap<UserId, usize>>);

impl Underway {
    pub(crate) fn enter(&self, user: UserId, most: usize) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(user).or_default();
        let may = *count < most;
        *count += usize::from(may);
        may
    }

    pub(crate) fn leave(&self, user: UserId) {
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
    let model = app.models.choose(ask.model.as_deref(), None)?;
    let chosen = app.models.find(&model)?;
    let is_image = |one: &Attached| matches!(one, Attached::Image { .. });
    if chosen.vision == Some(false)
        && ask.messages.iter().any(|message| message.attached.iter().any(is_image))
    {
        return Err(Error::unfit("messages", "holds an image, and this model sees none"));
    }
    let looked = if ask.use_rag {
        web_search::may(app, actor).await?;
        lookup::bring(app, &mut ask.messages).await
    } else {
        Looked::Nowhere
    };
    let prompt_estimate = ask.messages.iter().map(ChatMessage::estimate).sum();
    let request = ChatRequest {
        model: chosen.vendor_model,
        messages: ask.messages,
        temperature: ask.temperature,
        max_tokens: ask.max_tokens,
        tools: ask.tools,
        tool_choice: ask.tool_choice,
    };
    enter(app, actor)?;
    let id = app.new_id();
    let call = Call {
        served: accounts::serve(app, actor),
        app: app.clone(),
        user: actor.user,
        id,
        model: model.clone(),
        deltas: chosen.provider.stream(request),
        ready: VecDeque::new(),
        usage: None,
        prompt_estimate,
        said_estimate: 0,
        is_asked: false,
        is_noted: false,
        is_over: false,
    };
    Ok(Unstored { id, model, sources: looked.parts(), deltas: stream::unfold(call, Call::next).boxed() })
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

/// Takes one of the places that an account has; it is left with [`Underway::leave`].
pub(crate) fn enter(app: &App, actor: &Actor) -> Result<()> {
    if !app.unstored.enter(actor.user, app.config.chat.max_unstored_per_user) {
        return Err(Error::TooMany {
            code: "too_many_running",
            message: "Too many answers are being written for this account. Ask again when one has ended."
                .into(),
            retry_after: Duration::from_secs(5),
        });
    }
    Ok(())
}

struct Call {
    app: App,
    served: Served,
    user: UserId,
    id: i64,
    model: String,
    deltas: Deltas,
    /// What is to be told next.
    ready: VecDeque<Delta>,
    /// What the provider says it cost.
    usage: Option<Usage>,
    /// About how many tokens were asked with, and said, for a provider that does not say.
    prompt_estimate: i64,
    said_estimate: i64,
    is_asked: bool,
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
            self.is_asked = true;
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
                    self.is_over = true;
                    // A refusal before the first word costs nothing.
                    self.is_noted |= self.said_estimate == 0 && self.usage.is_none();
                    self.note().await;
                    return Some((Err(failed), self));
                }
                None => {
                    self.is_over = true;
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

    /// Counts what it cost, once. Goes on when the reader leaves meanwhile.
    async fn note(&mut self) {
        if let Some(noting) = self.noting()
            && let Err(error) = self.app.spawn(noting).await
        {
            tracing::error!(%error, "the cost of an answer was not counted");
        }
    }

    fn noting(&mut self) -> Option<impl Future<Output = ()> + Send + use<>> {
        if !self.is_asked || std::mem::replace(&mut self.is_noted, true) {
            return None;
        }
        let (app, id, user, model, usage) =
            (self.app.clone(), self.id, self.user, self.model.clone(), self.cost());
        Some(async move {
            let now = app.now();
            let noted = app
                .db
                .write(async move |tx| store::usage::insert_unstored(tx, id, user, &model, usage, now).await)
                .await;
            if let Err(error) = noted {
                tracing::error!(%error, "the cost of an answer was not counted");
            }
        })
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.app.unstored.leave(self.user);
        if let Some(noting) = self.noting() {
            self.app.spawn(noting);
        }
    }
}
