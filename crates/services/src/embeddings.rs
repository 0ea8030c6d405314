//! Texts as vectors, for programs. Nothing of them is stored but what they cost.

use domain::{Usage, UserId};
use futures_util::TryFutureExt as _;
use providers::{Embed, Embedded, estimate_tokens};

use crate::{
    Actor, App, Error, Result, accounts,
    chat::{
        Failed,
        unstored::{Place, takes_questions},
    },
};

pub use providers::Input;

/// The most texts of one request.
pub const MOST_TEXTS: usize = 2_048;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// One of the models that make vectors.
    pub model: String,
    /// The texts.
    pub inputs: Vec<Input>,
    /// How many numbers a vector should have; none: as many as the model gives.
    pub dimensions: Option<i64>,
}

/// The vectors, in the order of the texts.
#[derive(Debug, Clone)]
pub struct Vectors {
    /// One for each text.
    pub vectors: Vec<Vec<f32>>,
    /// How many tokens the texts had.
    pub tokens: i64,
}

/// Makes vectors of texts, or says why the provider did not. Whoever drops it drops the provider's connection.
pub async fn embed(app: &App, actor: &Actor, ask: Ask) -> Result<Result<Vectors, Failed>> {
    takes_questions(app)?;
    check(app, &ask)?;
    app.models.first_list().await;
    let chosen = app.models.find_of_embeddings(&ask.model).ok_or_else(|| {
        Error::unfit(
            "model",
            format!("{:?} makes no vectors of texts here; GET /v1/models lists what does", ask.model),
        )
    })?;
    let _place = Place::take(app, actor)?;
    let served = accounts::serve(app, actor);
    let estimated: i64 = ask.inputs.iter().map(estimate).sum();
    let request = Embed { model: chosen.vendor_model, inputs: ask.inputs, dimensions: ask.dimensions };
    let made = tokio::select! {
        biased;
        () = served.ended() => Err(Failed::of("session_ended", "The session or key has ended.")),
        () = app.stopping().cancelled() => {
            Err(Failed::of("stopping", "The server is being restarted. Ask again in a moment."))
        }
        made = chosen.provider.embed(request).map_err(Failed::from) => made,
    };
    let Embedded { vectors, prompt_tokens } = match made {
        Ok(made) => made,
        Err(failed) => return Ok(Err(failed)),
    };
    let tokens = prompt_tokens.unwrap_or(estimated);
    note(app, actor.user, ask.model, tokens, prompt_tokens.is_none()).await;
    Ok(Ok(Vectors { vectors, tokens }))
}

fn check(app: &App, ask: &Ask) -> Result<()> {
    if ask.inputs.is_empty() {
        return Err(Error::invalid("input", "must not be empty"));
    }
    if ask.inputs.len() > MOST_TEXTS {
        return Err(Error::invalid(
            "input",
            format!("has {} texts; at most {MOST_TEXTS} fit", ask.inputs.len()),
        ));
    }
    if ask.dimensions.is_some_and(|dimensions| dimensions < 1) {
        return Err(Error::invalid("dimensions", "must be at least 1"));
    }
    let most = app.config.chat.message_chars;
    for input in &ask.inputs {
        let size = match input {
            Input::Text(text) => text.chars().count(),
            Input::Tokens(tokens) => tokens.len(),
        };
        if size == 0 {
            return Err(Error::invalid("input", "holds an empty text"));
        }
        if size > most {
            return Err(Error::invalid(
                "input",
                format!("holds a text of {size} characters; at most {most} fit"),
            ));
        }
    }
    Ok(())
}

fn estimate(input: &Input) -> i64 {
    match input {
        Input::Text(text) => estimate_tokens(text),
        Input::Tokens(tokens) => tokens.len() as i64,
    }
}

/// Counts what it cost. Goes on when the caller leaves meanwhile.
async fn note(app: &App, user: UserId, model: String, prompt_tokens: i64, estimated: bool) {
    let (work, id, now) = (app.clone(), app.new_id(), app.now());
    let usage = Usage { prompt_tokens, completion_tokens: 0, reasoning_tokens: 0, estimated };
    let noting = async move {
        work.db
            .write(async move |tx| store::usage::insert_unstored(tx, id, user, &model, usage, now).await)
            .await
    };
    match app.spawn(noting).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "the cost of vectors was not counted"),
        Err(panic) => tracing::error!(%panic, "the cost of vectors was not counted"),
    }
}
