//! Lists and searches, by people who have little and people who have much.

use std::{net::SocketAddr, time::Instant};

use anyhow::{Result, bail};

use crate::{accounts::Account, figures::ms, http::Connection};

/// Requests of one measurement.
const REQUESTS: usize = 200;

/// Times of 200 reads of `path`, one after the other, in milliseconds. Each person in turn.
pub(crate) async fn times<const N: usize>(
    server: SocketAddr,
    people: [&Account; N],
    path: &str,
    expected: &str,
) -> Result<[Vec<f64>; N]> {
    let mut connection = Connection::open(server).await?;
    let requests = people.map(|person| person.get(path));
    let mut times = [const { Vec::new() }; N];
    for round in 0..REQUESTS + 10 {
        for (request, times) in requests.iter().zip(&mut times) {
            let begun = Instant::now();
            let (status, body) = connection.ask(request).await?;
            let took = ms(begun.elapsed());
            if status != 200 || !String::from_utf8_lossy(&body).contains(expected) {
                bail!("GET {path}: {status} {}", String::from_utf8_lossy(&body[..body.len().min(300)]));
            }
            // The first few find cold caches.
            if round >= 10 {
                times.push(took);
            }
        }
    }
    Ok(times)
}
