//! A request to buy that is sent twice with one key begins one order.

use std::time::Duration;

use domain::{OrderId, Timestamp, time::MINUTE_MS};
use store::{Tx, idempotency};

use super::{
    PAYMENT,
    checkout::{Checkout, not_begun},
};
use crate::{Actor, App, Error, Result, chat::IdempotencyKey};

/// When the gateway is no longer expected to say where an order is paid, in milliseconds.
const LOST_MS: i64 = MINUTE_MS;
/// How long a repeat waits for what the first request is told.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often it looks.
const PAUSE: Duration = Duration::from_millis(50);

/// The order that a request with this key began before, if it came so far.
pub(super) async fn first(app: &App, actor: &Actor, key: Option<&IdempotencyKey>) -> Result<Option<OrderId>> {
    let Some(key) = key else { return Ok(None) };
    let Some(first) = idempotency::find(&app.db, actor.user, &key.key).await? else { return Ok(None) };
    let first = OrderId(key.joins(&first)?);
    let is_void = store::orders::is_void(&app.db, first, app.now().plus_ms(-LOST_MS)).await?;
    Ok((!is_void).then_some(first))
}

/// Takes the key for an order, or says which one it was taken for. One that the gateway failed to begin gives way. The
/// caller holds the account, so that two repeats do not take it at once.
pub(super) async fn take(
    tx: &mut Tx,
    actor: &Actor,
    key: Option<&IdempotencyKey>,
    id: OrderId,
    now: Timestamp,
) -> Result<Option<OrderId>> {
    let Some(key) = key else { return Ok(None) };
    let row = key.row(actor);
    let Some(first) = idempotency::claim(tx, &row, id.0, now).await? else { return Ok(None) };
    let first = OrderId(key.joins(&first)?);
    if !store::orders::is_void(&mut *tx, first, now.plus_ms(-LOST_MS)).await? {
        return Ok(Some(first));
    }
    idempotency::made(tx, &row, id.0).await?;
    Ok(None)
}

/// Gives what the first request was told, once the gateway has answered that.
pub(super) async fn join(app: &App, actor: &Actor, first: OrderId) -> Result<Checkout> {
    let waiting = async {
        loop {
            let begun = store::orders::begun(&app.db, actor.user, first).await?;
            let (order, page) = begun.ok_or(Error::NotFound(PAYMENT))?;
            if let Some(pay_url) = page {
                return Ok(Checkout { order, pay_url });
            }
            if store::orders::is_void(&app.db, first, app.now().plus_ms(-LOST_MS)).await? {
                return Err(not_begun());
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| Err(not_begun()))
}
