//! `payments` and `ledger`: what was received, and the books of that. Double entry: the lines of one order sum to zero, and
//! nothing is ever changed or taken back.
//!
//! One thing writes lines: the credit of a payment, which writes all lines of its order at once. Beginning an order, an
//! attempt to pay that fails, an order's end without a payment, a payment that is refused, and cancelling or resuming a plan
//! write none. What is paid back at the gateway is not known here.

use domain::{Currency, Money, Order, Timestamp};

use crate::{On, Result, Tx};

/// One line of the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is booked on, such as `revenue`.
    pub account: String,
    /// How much: what lies there is positive, what is owed or earned is negative.
    pub units: i64,
}

/// Notes that an order was paid. Says `false`, and writes nothing, if it was already, or the payment was for another one.
pub async fn receive(
    tx: &mut Tx,
    order: &Order,
    payment_ref: &str,
    received: Money,
    now: Timestamp,
) -> Result<bool> {
    let touched = tx
        .query(
            "INSERT INTO payments (gateway, payment_ref, order_id, units, currency, received_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(&order.gateway)
        .bind(payment_ref)
        .bind(order.id)
        .bind(received.units)
        .bind(received.currency)
        .bind(now)
        .run()
        .await?;
    Ok(touched == 1)
}

/// Books what was paid for an order, in the order of the lines.
pub async fn book(
    tx: &mut Tx,
    order: &Order,
    currency: Currency,
    lines: &[Line],
    now: Timestamp,
) -> Result<()> {
    for (n, line) in (1_i64..).zip(lines) {
        tx.query(
            "INSERT INTO ledger (order_id, line, account, units, currency, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(order.id)
        .bind(n)
        .bind(&line.account)
        .bind(line.units)
        .bind(currency)
        .bind(now)
        .run()
        .await?;
    }
    Ok(())
}

/// How many payments were received.
pub async fn count(on: impl Into<On<'_>>) -> Result<i64> {
    let (count,): (i64,) = on.into().query("SELECT COUNT(*) FROM payments").one().await?;
    Ok(count)
}

/// What is on every account, in the order of their names: the sum of its lines.
pub async fn balances(on: impl Into<On<'_>>) -> Result<Vec<(String, Currency, i64)>> {
    on.into()
        .query(
            "SELECT account, currency, CAST(SUM(units) AS BIGINT) FROM ledger GROUP BY account, currency
             ORDER BY account, currency",
        )
        .all()
        .await
}

/// How many orders have lines that do not sum to zero. There is none.
pub async fn unbalanced(on: impl Into<On<'_>>) -> Result<i64> {
    let (count,): (i64,) = on
        .into()
        .query(
            "SELECT COUNT(*) FROM
                (SELECT order_id FROM ledger GROUP BY order_id, currency HAVING SUM(units) <> 0) AS wrong",
        )
        .one()
        .await?;
    Ok(count)
}

/// How many payments are not in the books as they came in. There is none.
pub async fn unbooked(on: impl Into<On<'_>>) -> Result<i64> {
    let (count,): (i64,) = on
        .into()
        .query(
            "SELECT COUNT(*) FROM payments p WHERE p.units <>
                (SELECT COALESCE(SUM(l.units), 0) FROM ledger l
                 WHERE l.order_id = p.order_id AND l.currency = p.currency AND l.account = 'gateway:' || p.gateway)",
        )
        .one()
        .await?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        orders::tests::ordered,
        test::{given, on_both},
    };

    #[tokio::test]
    async fn a_payment_is_received_once_in_a_hundred_parallel_tries() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let (first, second) = (ordered(db, 10, alice).await, ordered(db, 11, alice).await);
            // One payment for two orders, and two payments for one order.
            let tries = (0..100).map(|n| {
                let (order, name) =
                    (if n % 3 == 0 { &second } else { &first }, if n % 2 == 0 { "a" } else { "b" });
                let (db, order) = (db.clone(), order.clone());
                async move {
                    let money = order.price;
                    let got: Result<bool> =
                        db.write(async move |tx| receive(tx, &order, name, money, Timestamp(5)).await).await;
                    got.unwrap()
                }
            });
            let got = futures_util::future::join_all(tries).await;
            let received = count(db).await.unwrap();
            assert_eq!(i64::try_from(got.iter().filter(|is_new| **is_new).count()).unwrap(), received);
            assert_eq!(received, 2, "each order once, each payment once");
        })
        .await;
    }

    #[tokio::test]
    async fn a_payment_is_received_once_and_an_order_paid_once() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let (first, second) = (ordered(db, 10, alice).await, ordered(db, 11, alice).await);
            let get = async |order: &Order, name: &'static str| {
                let (order, money) = (order.clone(), order.price);
                db.write(async move |tx| receive(tx, &order, name, money, Timestamp(5)).await).await.unwrap()
            };
            assert!(get(&first, "a").await);
            assert!(!get(&first, "a").await && !get(&first, "b").await, "it is paid");
            assert!(!get(&second, "a").await, "a paid the first");
            assert!(get(&second, "b").await);
            assert_eq!(count(db).await.unwrap(), 2);

            let line = |account: &str, units| Line { account: account.into(), units };
            let lines = [line("gateway:konnect", 30_000), line("revenue", -30_000)];
            let order = first.clone();
            let done: Result<()> =
                db.write(async move |tx| book(tx, &order, Currency::Tnd, &lines, Timestamp(5)).await).await;
            done.unwrap();
            assert_eq!(
                (unbalanced(db).await.unwrap(), unbooked(db).await.unwrap()),
                (0, 1),
                "b has no lines"
            );
            let found = balances(db).await.unwrap();
            let tnd = |account: &str, units| (account.to_owned(), Currency::Tnd, units);
            assert_eq!(found, [tnd("gateway:konnect", 30_000), tnd("revenue", -30_000)]);

            let lines = [line("gateway:konnect", 30_000), line("revenue", -29_999)];
            let order = second.clone();
            let done: Result<()> =
                db.write(async move |tx| book(tx, &order, Currency::Tnd, &lines, Timestamp(5)).await).await;
            done.unwrap();
            assert_eq!((unbalanced(db).await.unwrap(), unbooked(db).await.unwrap()), (1, 0));
        })
        .await;
    }
}
