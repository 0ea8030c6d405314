//! One socket of one person, from the moment it is let in until it is closed.

use std::{
    future::ready,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use services::{
    Actor, App, Error, accounts,
    chat::{self, Options},
    conversations,
    domain::ConversationId,
    limits,
    live::Live,
};
use socketioxide::{
    SendError, SocketError,
    extract::{AckSender, Event, SocketRef, TryData},
};
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{Ask, Told, Words};

/// How many events of a client may wait for their turn. More at once are refused.
const MOST_WAITING: usize = 16;
/// Between two looks at whether a full buffer has room again.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// A client whose buffer has had no room for so long is gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a socket says, in order.
#[derive(Clone)]
pub(super) struct Seat {
    actor: Option<Actor>,
    /// Taken by the one task that serves the socket.
    said: Arc<Mutex<Option<mpsc::Receiver<Box<Said>>>>>,
    gone: CancellationToken,
}

struct Said {
    /// Read at once: what waits is small.
    asked: Result<Ask, Error>,
    ack: AckSender,
}

impl Seat {
    /// From here on what the client says is kept for [`Self::serve`].
    pub(super) fn take<W: Words>(socket: &SocketRef, actor: Option<Actor>) -> Self {
        let (sender, receiver) = mpsc::channel(MOST_WAITING);
        // No async block: the body runs where events are read, which keeps their order.
        socket.on_fallback(
            move |socket: SocketRef, Event(event): Event, TryData(data): TryData<Value>, ack: AckSender| {
                let asked = W::ask(&event, data.unwrap_or_default());
                if let Err(mpsc::error::TrySendError::Full(said)) =
                    sender.try_send(Box::new(Said { asked, ack }))
                {
                    let (told, acknowledged) = W::refused(None, &too_many());
                    let _ = said.ack.send(&acknowledged);
                    for Told { event, data } in told {
                        let _ = socket.emit(event, &data);
                    }
                }
                ready(())
            },
        );
        let gone = CancellationToken::new();
        let left = gone.clone();
        socket.on_disconnect(move || {
            left.cancel();
            ready(())
        });
        Self { actor, said: Arc::new(Mutex::new(Some(receiver))), gone }
    }

    /// Serves the socket until it leaves, the login session ends or the app stops.
    pub(super) async fn serve<W: Words>(self, app: App, socket: SocketRef) {
        let Some(said) = self.said.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let mut room = Room::<W> { app: app.clone(), socket: socket.clone(), said, person: None };
        let opened = match self.actor {
            Some(actor) => room.open(actor).await,
            None => Ok(()),
        };
        if let Err(error) = opened {
            let (told, _) = W::refused(None, &error);
            for Told { event, data } in told {
                let _ = socket.emit(event, &data);
            }
            let _ = socket.disconnect();
            return;
        }
        let served = self.actor.map(|actor| accounts::serve(&app, &actor));
        let ended = async {
            match &served {
                Some(served) => served.ended().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.gone.cancelled() => return,
            () = app.stopping().cancelled() => {}
            () = ended => {}
            () = room.talk() => {}
        }
        let _ = socket.disconnect();
    }
}

/// What is open between a socket and a person.
struct Room<W> {
    app: App,
    socket: SocketRef,
    said: mpsc::Receiver<Box<Said>>,
    /// Nobody yet, if the client need not say who it is.
    person: Option<Person<W>>,
}

struct Person<W> {
    actor: Actor,
    live: Live,
    words: W,
}

/// The client is not there any more.
struct Closed;

impl<W: Words> Room<W> {
    async fn open(&mut self, actor: Actor) -> Result<(), Error> {
        // Not the socket's own id: whoever knows that one can speak in its place.
        let name = URL_SAFE_NO_PAD.encode(self.app.random::<12>());
        let words = W::open(&self.app, &actor, &name).await?;
        let live = Live::open(&self.app, &actor, &name)?;
        let greeting = words.greeting();
        self.person = Some(Person { actor, live, words });
        // Whoever leaves that early is noticed by the others who wait for it.
        let _ = tell(&self.socket, greeting).await;
        Ok(())
    }

    /// Says and hears by turns, until the client is gone.
    async fn talk(&mut self) {
        loop {
            let heard = async {
                match &mut self.person {
                    Some(person) => person.live.next().await,
                    None => std::future::pending().await,
                }
            };
            let told = tokio::select! {
                said = self.said.recv() => match said {
                    Some(said) => self.answer(*said).await,
                    None => return,
                },
                heard = heard => self.word(heard).await,
            };
            if told.is_err() {
                return;
            }
        }
    }

    async fn word(&mut self, heard: services::live::Heard) -> Result<(), Closed> {
        let Some(person) = &mut self.person else { return Ok(()) };
        match person.words.tell(heard).await {
            Ok(told) => tell(&self.socket, told).await,
            Err(error) => {
                tracing::warn!(%error, "what happened could not be worded for a socket");
                Err(Closed)
            }
        }
    }

    async fn answer(&mut self, said: Said) -> Result<(), Closed> {
        let (told, acknowledged) = match &said.asked {
            Ok(ask) => match (self.act(ask).await, &mut self.person) {
                (Ok(is_new), Some(person)) => person.words.done(ask, is_new),
                (Ok(_), None) => W::refused(Some(ask), &Error::NotFound("conversation")),
                (Err(why), _) => W::refused(Some(ask), &why),
            },
            Err(why) => W::refused(None, why),
        };
        // Nothing waits for an acknowledgement that the client did not ask for.
        let _ = said.ack.send(&acknowledged);
        tell(&self.socket, told).await
    }

    /// Does what is asked. Says whether a conversation was joined that had not been.
    async fn act(&mut self, ask: &Ask) -> Result<bool, Error> {
        if let (None, Ask::Join(conversation, _)) = (&self.person, ask) {
            let actor = conversations::as_owner(&self.app, *conversation).await?;
            self.open(actor).await?;
        }
        let Some(person) = &mut self.person else { return Err(Error::NotFound("conversation")) };
        match ask {
            Ask::Join(conversation, place) => {
                person.live.join(*conversation, place.map(|place| place.cursor)).await
            }
            Ask::Leave(conversation) => {
                person.live.leave(*conversation);
                Ok(false)
            }
            Ask::Typing(conversation, is_typing) => {
                joined(&person.live, *conversation)?;
                person.live.typing(*conversation, *is_typing);
                Ok(false)
            }
            Ask::Say { conversation, text, options } => {
                self.say(*conversation, text.clone(), options.clone()).await?;
                Ok(false)
            }
        }
    }

    async fn say(
        &mut self,
        conversation: ConversationId,
        text: String,
        options: Options,
    ) -> Result<(), Error> {
        let Some(person) = &mut self.person else { return Err(Error::NotFound("conversation")) };
        limits::ask(&self.app, person.actor.user).await?;
        conversations::kept(&self.app, &person.actor, conversation).await?;
        let ask = chat::Ask::Say { text, conversation: Some(conversation), parent: None, files: Vec::new() };
        let options = Options { model: self.app.models.offered(options.model), ..options };
        let sent = chat::send(&self.app, &person.actor, ask, options).await?;
        // Who has joined hears of it like everybody else there.
        person.live.follow(sent.turn).await
    }
}

/// Sends events, and waits while there is no room for them.
async fn tell(socket: &SocketRef, told: Vec<Told>) -> Result<(), Closed> {
    for Told { event, data } in told {
        let began = Instant::now();
        loop {
            match socket.emit(event, &data) {
                Ok(()) => break,
                Err(SendError::Socket(SocketError::InternalChannelFull)) if began.elapsed() < PATIENCE => {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                Err(_) => return Err(Closed),
            }
        }
    }
    Ok(())
}

fn too_many() -> Error {
    Error::TooMany {
        code: "too_many_events",
        message: "Too many events at once. Wait for their answers.".into(),
        retry_after: Duration::ZERO,
    }
}

fn joined(live: &Live, conversation: ConversationId) -> Result<(), Error> {
    if live.has_joined(conversation) { Ok(()) } else { Err(Error::NotFound("conversation")) }
}
