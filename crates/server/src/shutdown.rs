//! Serving until somebody says stop: then running answers end, streams close, and the database is written.

use std::{future::Future, io, pin::pin, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use services::App;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service as _;

/// How long connections may stay open after everything has ended.
const LINGER: Duration = Duration::from_secs(2);

/// Serves `app` on `listener` until `shutdown`, then stops it: running answers may end within the grace of the
/// settings, new ones are refused, and when the last stream has closed the database is.
pub async fn serve(
    app: App,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let grace = Duration::from_secs(app.config.server.shutdown_seconds);
    let (leave, stopped) = (CancellationToken::new(), CancellationToken::new());
    let head_within = Duration::from_secs(app.config.server.header_seconds);
    let server = accept(crate::router(app.clone()), listener, head_within, leave.clone());
    let serving = async {
        tokio::select! {
            () = server => {}
            () = async { stopped.cancelled().await; tokio::time::sleep(LINGER).await; } => {}
        }
    };
    let stopping = async {
        shutdown.await;
        leave.cancel();
        app.stop(grace).await;
        stopped.cancel();
    };
    tokio::join!(serving, stopping);
    Ok(())
}

/// Serves connections until `leave`, and then until each of them has ended. One that does not send the whole head of a
/// request within `head_within`, or no other request for so long, is closed; a stream is a request and stays. What has
/// become a websocket is waited for where sockets are.
///
/// What `axum::serve` does, which knows no such limit.
async fn accept(router: Router, mut listener: TcpListener, head_within: Duration, leave: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_within);
    let connections = TaskTracker::new();
    loop {
        // Of the trait: an error of one connection is none of the server, and it waits when there are too many.
        let (stream, peer) = tokio::select! {
            accepted = axum::serve::Listener::accept(&mut listener) => accepted,
            () = leave.cancelled() => break,
        };
        // Small events of a stream go out at once.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let answer = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().call(request)
        });
        let connection = http.serve_connection(TokioIo::new(stream), answer).with_upgrades();
        let leave = leave.clone();
        #[expect(clippy::disallowed_methods, reason = "`connections` waits for it")]
        tokio::spawn(connections.track_future(async move {
            let mut connection = pin!(connection);
            // Whoever is at the other end left, or was too slow: nobody needs to know.
            tokio::select! {
                _ = connection.as_mut() => return,
                () = leave.cancelled() => {}
            }
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// Somebody asks the process to end.
#[cfg(unix)]
pub async fn signals() {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = async |kind: SignalKind| match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::interrupt()) => {}
    }
    tracing::info!("stopping");
}

/// Somebody asks the process to end.
#[cfg(not(unix))]
pub async fn signals() {
    let _ = tokio::signal::ctrl_c().await;
    tracing::info!("stopping");
}
