//! What every fake runs in: a port, a thread and a runtime of its own, so that a paused clock or a busy test does not disturb it.

use std::{
    io,
    net::{SocketAddr, TcpListener as Listener, ToSocketAddrs},
    thread::JoinHandle,
    time::Duration,
};

use tokio::{net::TcpListener, runtime, sync::oneshot};

/// A fake that runs. Dropping it closes the port and every connection.
pub(crate) struct Serving(Option<(oneshot::Sender<()>, JoinHandle<()>)>);

/// Takes a port. Port 0 takes any that is free.
pub(crate) fn bind(address: impl ToSocketAddrs) -> io::Result<(Listener, SocketAddr)> {
    let listener = Listener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Takes any port that is free, on this machine alone.
pub(crate) fn bind_any() -> (Listener, SocketAddr) {
    bind("127.0.0.1:0").expect("a free port")
}

impl Serving {
    /// Serves whoever comes to the port.
    pub(crate) fn start<F: Future<Output = ()>>(
        listener: Listener,
        serve: impl FnOnce(TcpListener) -> F + Send + 'static,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime =
                runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).expect("the runtime takes the socket");
                tokio::select! {
                    () = serve(listener) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_timeout(Duration::from_millis(100)); // drops every connection
        });
        Self(Some((stop, thread)))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}
