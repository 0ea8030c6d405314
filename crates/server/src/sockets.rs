//! Socket.IO (Engine.IO 4, websocket and polling) on `/socket.io`: one namespace for each client API that speaks over
//! sockets, in its words.
//!
//! The socket is a hint, the log is the record: one task for each socket reads what its person hears
//! (`services::live`) and sends it. While the socket's buffer is full the task reads nothing more, so nothing is lost
//! and nothing piles up.

mod ask;
mod seat;
mod told;

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::{Method, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::Value;
use services::{Actor, App, Error, accounts, live::Heard};
use socketioxide::{
    SocketIo,
    extract::{Extension, SocketRef, TryData},
    handler::ConnectHandler as _,
    layer::SocketIoLayer,
};

use crate::{
    dialects,
    http::{client::Client, csrf},
};

pub(crate) use ask::{Ask, Named};
use seat::Seat;
pub(crate) use told::{Growing, More, Place, Told, flips};

/// Where clients connect.
pub(crate) const PATH: &str = "/socket.io";
/// The largest packet that a client sends, in bytes: the longest message, and room for its JSON.
const MOST_BYTES: usize = 1024 * 1024;
/// Who has connected and was not let in anywhere by then is sent away.
const LET_IN_WITHIN: Duration = Duration::from_secs(5);

/// How a client API speaks over sockets. Holds no rule: it translates.
pub(crate) trait Words: Send + Sized + 'static {
    /// Its namespace.
    const NAMESPACE: &'static str;
    /// Its own server asked nobody who it is: the settings may allow that here too.
    const KNOWS_NOBODY: bool;

    /// Speaks with this person from now on.
    fn open(app: &App, actor: &Actor, socket: &str) -> impl Future<Output = Result<Self, Error>> + Send;

    /// What is said first.
    fn greeting(&self) -> Vec<Told>;

    /// What a client's event asks for, or what is wrong with it.
    fn ask(event: &str, data: Value) -> Result<Ask, Error>;

    /// What answers an event: other events, and what is acknowledged. `is_new` is false if it had been joined already.
    fn done(&mut self, ask: &Ask, is_new: bool) -> (Vec<Told>, Value);

    /// What answers an event that was refused.
    fn refused(ask: Option<&Ask>, why: &Error) -> (Vec<Told>, Value);

    /// What the person hears, as events.
    fn tell(&mut self, heard: Heard) -> impl Future<Output = Result<Vec<Told>, Error>> + Send;
}

/// What a client may say in its handshake.
#[derive(Debug, Default, Deserialize)]
struct Handshake {
    token: Option<String>,
}

/// Serves the sockets of all client APIs that speak over them, until the app stops.
pub(crate) fn layer(app: &App) -> SocketIoLayer {
    let (layer, io) = SocketIo::builder()
        .req_path(PATH)
        .max_payload(MOST_BYTES as u64)
        .ws_max_message_size(MOST_BYTES)
        .ws_max_frame_size(MOST_BYTES)
        .connect_timeout(LET_IN_WITHIN)
        .build_layer();
    open::<dialects::express::sockets::Sockets>(app, &io);
    open::<dialects::nest::sockets::Sockets>(app, &io);
    let stopping = app.stopping().clone();
    app.spawn(async move {
        stopping.cancelled().await;
        io.close().await;
    });
    layer
}

/// Refuses handshakes of pages of other sites, as requests with cookies are.
pub(crate) async fn guard(State(app): State<App>, client: Client, request: Request, next: Next) -> Response {
    let is_for_sockets = request.uri().path().strip_prefix(PATH).is_some_and(|rest| {
        // As the layer behind this one sees it.
        rest.is_empty() || rest.starts_with('/')
    });
    if is_for_sockets && let Err(problem) = csrf::check(&app, &client, &Method::POST, request.headers()) {
        return problem.into_response();
    }
    next.run(request).await
}

fn open<W: Words>(app: &App, io: &SocketIo) {
    let (door, house) = (app.clone(), app.clone());
    let let_in = async move |socket: SocketRef, TryData(said): TryData<Handshake>| {
        let actor = authenticate::<W>(&door, &socket, said.unwrap_or_default().token).await?;
        // Before the client is told that it is in: what it says at once is heard.
        socket.extensions.insert(Seat::take::<W>(&socket, actor));
        Ok::<_, String>(())
    };
    let connected = async move |socket: SocketRef, Extension(seat): Extension<Seat>| {
        socket.extensions.clear();
        let serving = seat.serve::<W>(house.clone(), socket);
        house.spawn(serving);
    };
    io.ns(W::NAMESPACE, connected.with(let_in));
}

/// Who connects; `None` is anybody, where the settings let anybody in.
async fn authenticate<W: Words>(
    app: &App,
    socket: &SocketRef,
    said: Option<String>,
) -> Result<Option<Actor>, String> {
    let in_header = || {
        let header = socket.req_parts().headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        Some(header.strip_prefix("Bearer ").unwrap_or(header).to_owned())
    };
    let refused = |why: &str| format!("Authentication error: {why}");
    let Some(token) = said.filter(|token| !token.is_empty()).or_else(in_header) else {
        if W::KNOWS_NOBODY && app.config.server.anonymous_sockets {
            return Ok(None);
        }
        return Err(refused("No token provided"));
    };
    let token = token.strip_prefix("Bearer ").unwrap_or(&token);
    if accounts::is_api_key(token) {
        return Err(refused("API keys are not taken here; sign in"));
    }
    match accounts::authenticate(app, token).await {
        Ok(known) => Ok(Some(known.actor)),
        Err(Error::Unauthenticated(_)) => Err(refused("Invalid token or user inactive")),
        Err(error) => Err(refused(&error.to_string())),
    }
}
