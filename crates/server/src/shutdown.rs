//! Serving until somebody says stop: then running answers end, streams close, and the database is written.

use std::{future::Future, io, net::SocketAddr, time::Duration};

use axum::serve::ListenerExt as _;
use services::App;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

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
    let listener = listener.tap_io(|stream| {
        // Small events of a stream go out at once.
        let _ = stream.set_nodelay(true);
    });
    let service = crate::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(leave.clone().cancelled_owned());
    let serving = async {
        tokio::select! {
            served = server => served,
            () = async { stopped.cancelled().await; tokio::time::sleep(LINGER).await; } => Ok(()),
        }
    };
    let stopping = async {
        shutdown.await;
        leave.cancel();
        app.stop(grace).await;
        stopped.cancel();
    };
    let (served, ()) = tokio::join!(serving, stopping);
    served
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
