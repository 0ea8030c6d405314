//! What came of an order, for the account that made it.

use domain::{Order, OrderState};

use super::{PATIENCE, PAYMENT, credit};
use crate::{Actor, App, Error, Result};

/// One order of the actor's. The gateway is asked about it, if it may be paid by now, and not for long.
pub async fn payment(app: &App, actor: &Actor, order: &str) -> Result<Order> {
    let found = find(app, actor, order).await?;
    let Some(payment_ref) = found.payment_ref.clone().filter(|_| found.state != OrderState::Paid) else {
        return Ok(found);
    };
    let (work, asked) = (app.clone(), found.clone());
    let asking = app.detached(async move { credit::ask(&work, &asked, &payment_ref).await });
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok(())) | Err(_) => {}
        // What is stored can be shown all the same.
        Ok(Err(error)) => tracing::warn!(order.id = found.id.0, %error, "asking failed"),
    }
    find(app, actor, order).await
}

async fn find(app: &App, actor: &Actor, order: &str) -> Result<Order> {
    store::orders::find(&app.db, actor.user, order).await?.ok_or(Error::NotFound(PAYMENT))
}
