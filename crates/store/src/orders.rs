//! `orders`: what people wanted to pay for. Each belongs to one account; the functions without an actor are for the
//! payment gateway's answers, which name the order.

use domain::{Currency, Money, Order, OrderId, OrderState, Terms, Timestamp, UserId};

use crate::{
    Db, On, Result, Sql, Tx,
    db::{FromRow, Row},
};

/// Reads an order: every statement below names the same columns.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, public_id, user_id, gateway, plan, plan_name, units, currency, messages_per_month, period_days,
                    state, payment_ref, wallet, asks, created_at, expires_at, paid_at FROM orders WHERE ",
            $rest
        )
    };
}

impl FromRow for Order {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.next()?,
            public_id: row.next()?,
            user_id: row.next()?,
            gateway: row.next()?,
            plan: row.next()?,
            plan_name: row.next()?,
            price: Money::new(row.next()?, row.next::<Currency>()?),
            messages_per_month: row.next()?,
            period_days: row.next()?,
            state: row.next()?,
            payment_ref: row.next()?,
            wallet: row.next()?,
            asks: row.next()?,
            created_at: row.next()?,
            expires_at: row.next()?,
            paid_at: row.next()?,
        })
    }
}

impl FromRow for Terms {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            plan: row.next()?,
            plan_name: row.next()?,
            price: Money::new(row.next()?, row.next::<Currency>()?),
            messages_per_month: row.next()?,
            period_days: row.next()?,
        })
    }
}

/// Writes a new one; `ask_at` is when the gateway is first asked about it.
pub async fn insert(tx: &mut Tx, order: &Order, ask_at: Timestamp) -> Result<()> {
    tx.query(
        "INSERT INTO orders (id, public_id, user_id, gateway, plan, plan_name, units, currency, messages_per_month,
                             period_days, state, payment_ref, asks, asked_at, ask_at, created_at, expires_at, paid_at,
                             wallet)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, NULL, $13, $14, $15, NULL, $16)",
    )
    .bind(order.id)
    .bind(&order.public_id)
    .bind(order.user_id)
    .bind(&order.gateway)
    .bind(&order.plan)
    .bind(&order.plan_name)
    .bind(order.price.units)
    .bind(order.price.currency)
    .bind(order.messages_per_month)
    .bind(order.period_days)
    .bind(order.state)
    .bind(order.payment_ref.clone())
    .bind(ask_at)
    .bind(order.created_at)
    .bind(order.expires_at)
    .bind(order.wallet.clone())
    .run()
    .await?;
    Ok(())
}

/// One of `owner`'s.
pub async fn find(on: impl Into<On<'_>>, owner: UserId, public_id: &str) -> Result<Option<Order>> {
    on.into().query(select!("public_id = $1 AND user_id = $2")).bind(public_id).bind(owner).optional().await
}

/// One of `owner`'s by its row, and the page where it is paid, if that is known.
pub async fn begun(db: &Db, owner: UserId, id: OrderId) -> Result<Option<(Order, Option<String>)>> {
    let order =
        On::from(db).query(select!("id = $1 AND user_id = $2")).bind(id).bind(owner).optional().await?;
    let Some(order) = order else { return Ok(None) };
    let (page,) = On::from(db).query("SELECT pay_url FROM orders WHERE id = $1").bind(id).one().await?;
    Ok(Some((order, page)))
}

/// Whether the gateway never said where an order is paid, and will not: it failed, or was asked before `asked_before`.
pub async fn is_void(on: impl Into<On<'_>>, id: OrderId, asked_before: Timestamp) -> Result<bool> {
    let found: Option<(OrderId,)> = on
        .into()
        .query(
            "SELECT id FROM orders
             WHERE id = $1 AND payment_ref IS NULL AND (state = 'failed' OR created_at < $2)",
        )
        .bind(id)
        .bind(asked_before)
        .optional()
        .await?;
    Ok(found.is_some())
}

/// The one that a gateway's answer names by our id.
pub async fn by_public_id(on: impl Into<On<'_>>, public_id: &str) -> Result<Option<Order>> {
    on.into().query(select!("public_id = $1")).bind(public_id).optional().await
}

/// The one that a gateway's answer names by the gateway's id of the payment.
pub async fn by_payment(on: impl Into<On<'_>>, gateway: &str, payment_ref: &str) -> Result<Option<Order>> {
    on.into()
        .query(select!("gateway = $1 AND payment_ref = $2"))
        .bind(gateway)
        .bind(payment_ref)
        .optional()
        .await
}

/// The newest of `owner`'s that were paid.
pub async fn paid_of(on: impl Into<On<'_>>, owner: UserId, limit: i64) -> Result<Vec<Order>> {
    on.into()
        .query(select!("user_id = $1 AND state = 'paid' ORDER BY id DESC LIMIT $2"))
        .bind(owner)
        .bind(limit)
        .all()
        .await
}

/// The last that `owner` made, whatever came of it.
pub async fn last_of(on: impl Into<On<'_>>, owner: UserId) -> Result<Option<Order>> {
    on.into().query(select!("user_id = $1 ORDER BY id DESC LIMIT 1")).bind(owner).optional().await
}

/// Those that the gateway is to be asked about by now, the longest due first.
pub async fn due(on: impl Into<On<'_>>, now: Timestamp, limit: i64) -> Result<Vec<Order>> {
    on.into().query(select!("ask_at <= $1 ORDER BY ask_at LIMIT $2")).bind(now).bind(limit).all().await
}

/// How many of `owner`'s wait to be paid and can be.
pub async fn count_open(on: impl Into<On<'_>>, owner: UserId, now: Timestamp) -> Result<i64> {
    let (count,): (i64,) = on
        .into()
        .query("SELECT COUNT(*) FROM orders WHERE user_id = $1 AND expires_at > $2 AND ask_at IS NOT NULL")
        .bind(owner)
        .bind(now)
        .one()
        .await?;
    Ok(count)
}

/// Notes what the gateway calls the payment, and where it is paid. Says `false`, and writes nothing, if it is called
/// otherwise already.
pub async fn attach(tx: &mut Tx, id: OrderId, payment_ref: &str, pay_url: &str) -> Result<bool> {
    let touched = tx
        .query(
            "UPDATE orders SET payment_ref = $2, pay_url = $3
             WHERE id = $1 AND (payment_ref IS NULL OR payment_ref = $2)",
        )
        .bind(id)
        .bind(payment_ref)
        .bind(pay_url)
        .run()
        .await?;
    Ok(touched == 1)
}

/// The right to ask the gateway about an order, which was given once. It holds when the gateway is asked again should
/// whoever has it never say what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim(Timestamp);

/// Takes the right to ask the gateway about an order now: given once in `gap_ms` milliseconds, and not for one that is paid.
/// Whoever comes too early has the gateway asked as soon as that is allowed again.
pub async fn claim(tx: &mut Tx, id: OrderId, now: Timestamp, gap_ms: i64) -> Result<Option<Claim>> {
    let again_at = now.plus_ms(gap_ms.saturating_mul(2));
    let touched = tx
        .query(
            "UPDATE orders SET asked_at = $2, ask_at = $4
             WHERE id = $1 AND state <> 'paid' AND (asked_at IS NULL OR asked_at <= $3)",
        )
        .bind(id)
        .bind(now)
        .bind(now.plus_ms(-gap_ms))
        .bind(again_at)
        .run()
        .await?;
    if touched == 0 {
        tx.query(
            "UPDATE orders SET ask_at = asked_at + $2
             WHERE id = $1 AND state <> 'paid' AND asked_at IS NOT NULL AND (ask_at IS NULL OR ask_at > asked_at + $2)",
        )
        .bind(id)
        .bind(gap_ms)
        .run()
        .await?;
    }
    Ok((touched == 1).then_some(Claim(again_at)))
}

/// Notes how an order stands that is not paid, and when the gateway is asked next: never, if `None`. Who asked gives their
/// claim: if somebody wanted to ask since, or asks now, then what they wrote stays.
pub async fn postpone(
    tx: &mut Tx,
    id: OrderId,
    claim: Option<Claim>,
    state: OrderState,
    ask_at: Option<Timestamp>,
) -> Result<()> {
    tx.query(
        "UPDATE orders SET state = $2, asks = asks + 1,
             ask_at = CASE WHEN ask_at = COALESCE($4, ask_at) OR ask_at IS NULL THEN $3 ELSE ask_at END
         WHERE id = $1 AND state <> 'paid'",
    )
    .bind(id)
    .bind(state)
    .bind(ask_at)
    .bind(claim.map(|Claim(again_at)| again_at))
    .run()
    .await?;
    Ok(())
}

/// Notes that an order is paid.
pub async fn paid(tx: &mut Tx, id: OrderId, payment_ref: &str, now: Timestamp) -> Result<()> {
    tx.query("UPDATE orders SET state = 'paid', payment_ref = $2, paid_at = $3, ask_at = NULL WHERE id = $1")
        .bind(id)
        .bind(payment_ref)
        .bind(now)
        .run()
        .await?;
    Ok(())
}

/// The account of an order, held until the job ends, so that its subscription is changed by one job at a time. `None`: it
/// has ended.
pub async fn lock_owner(tx: &mut Tx, owner: UserId) -> Result<Option<UserId>> {
    let row: Option<(UserId,)> = tx
        .query(Sql {
            sqlite: "SELECT id FROM users WHERE id = $1 AND deleted_at IS NULL",
            postgres: "SELECT id FROM users WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE",
        })
        .bind(owner)
        .optional()
        .await?;
    Ok(row.map(|(id,)| id))
}

/// Notes which order somebody's subscription was paid with last.
pub async fn subscribes(tx: &mut Tx, owner: UserId, id: OrderId) -> Result<()> {
    tx.query("UPDATE subscriptions SET order_id = $2 WHERE user_id = $1").bind(owner).bind(id).run().await?;
    Ok(())
}

/// What somebody's subscription was bought for.
pub async fn terms_of(on: impl Into<On<'_>>, owner: UserId) -> Result<Option<Terms>> {
    on.into()
        .query(
            "SELECT o.plan, o.plan_name, o.units, o.currency, o.messages_per_month, o.period_days
             FROM subscriptions s JOIN orders o ON o.id = s.order_id WHERE s.user_id = $1",
        )
        .bind(owner)
        .by_key()
        .optional()
        .await
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::test::{given, on_both};

    pub(crate) fn order(id: i64, owner: UserId) -> Order {
        Order {
            id: OrderId(id),
            public_id: format!("sub_{id}"),
            user_id: Some(owner),
            gateway: "konnect".into(),
            plan: "basic".into(),
            plan_name: "Basic".into(),
            price: Money::new(30_000, Currency::Tnd),
            messages_per_month: Some(100),
            period_days: 30,
            state: OrderState::Open,
            payment_ref: None,
            wallet: Some("w".into()),
            asks: 0,
            created_at: Timestamp(id),
            expires_at: Timestamp(id + 1_000),
            paid_at: None,
        }
    }

    pub(crate) async fn ordered(db: &Db, id: i64, owner: UserId) -> Order {
        let new = order(id, owner);
        let row = new.clone();
        let done: Result<()> = db.write(async move |tx| insert(tx, &row, Timestamp(50)).await).await;
        done.unwrap();
        new
    }

    #[tokio::test]
    async fn an_order_is_its_owners_alone() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let made = ordered(db, 10, alice).await;
            assert_eq!(find(db, alice, "sub_10").await.unwrap(), Some(made.clone()));
            assert_eq!(find(db, bob, "sub_10").await.unwrap(), None);
            assert_eq!(last_of(db, alice).await.unwrap(), Some(made.clone()));
            assert_eq!(last_of(db, bob).await.unwrap(), None);
            assert_eq!(by_public_id(db, "sub_10").await.unwrap(), Some(made));
        })
        .await;
    }

    #[tokio::test]
    async fn a_payment_belongs_to_one_order() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            ordered(db, 10, alice).await;
            ordered(db, 11, alice).await;
            let attach_to = async |id: i64, name: &'static str| {
                db.write(async move |tx| attach(tx, OrderId(id), name, "https://pay").await).await
            };
            let void = async |asked_before| is_void(db, OrderId(10), Timestamp(asked_before)).await.unwrap();
            assert_eq!((void(10).await, void(11).await), (false, true), "it was made at 10");
            assert_eq!(begun(db, alice, OrderId(10)).await.unwrap().unwrap().1, None);
            assert!(attach_to(10, "a").await.unwrap() && attach_to(10, "a").await.unwrap());
            assert!(!void(11).await);
            let (order, page) = begun(db, alice, OrderId(10)).await.unwrap().unwrap();
            assert_eq!((order.payment_ref.as_deref(), page.as_deref()), (Some("a"), Some("https://pay")));
            assert_eq!(begun(db, UserId(2), OrderId(10)).await.unwrap(), None, "it is another's");
            assert!(!attach_to(10, "b").await.unwrap(), "it is called a");
            let twice: Result<bool> = attach_to(11, "a").await;
            assert!(twice.is_err(), "a is another's");
            assert_eq!(by_payment(db, "konnect", "a").await.unwrap().unwrap().id, OrderId(10));
            assert_eq!(by_payment(db, "other", "a").await.unwrap(), None);
        })
        .await;
    }

    #[tokio::test]
    async fn the_gateway_is_asked_once_in_a_while_and_never_about_what_is_paid() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            ordered(db, 10, alice).await;
            let ask = async |now: i64| {
                db.write(async move |tx| claim(tx, OrderId(10), Timestamp(now), 100).await).await.unwrap()
            };
            let later = async |claim: Option<Claim>, at: i64| {
                let next = Some(Timestamp(at));
                let done: Result<()> = db
                    .write(async move |tx| postpone(tx, OrderId(10), claim, OrderState::Open, next).await)
                    .await;
                done.unwrap();
            };
            let first = ask(1_000).await;
            assert!(first.is_some());
            later(first, 9_000).await;
            assert_eq!(ask(1_099).await, None, "too early");
            let due_at = async |now: i64| due(db, Timestamp(now), 10).await.unwrap().len();
            assert_eq!((due_at(1_099).await, due_at(1_100).await), (0, 1), "and asked as soon as it may be");

            // Somebody comes while the question is on its way, and is not forgotten when the answer is there.
            let second = ask(1_100).await;
            assert!(second.is_some());
            assert_eq!(
                (due_at(1_299).await, due_at(1_300).await),
                (0, 1),
                "whoever asks may never come back"
            );
            assert_eq!(ask(1_150).await, None);
            later(second, 9_000).await;
            assert_eq!((due_at(1_199).await, due_at(1_200).await), (0, 1), "the wish is kept");
            // Who took long does not take it from who asks now.
            let third = ask(1_200).await;
            assert!(third.is_some());
            later(second, 9_000).await;
            assert_eq!((due_at(1_399).await, due_at(1_400).await), (0, 1));
            later(third, 9_000).await;
            assert_eq!((due_at(8_999).await, due_at(9_000).await), (0, 1));
            later(None, 9_500).await;
            assert_eq!((due_at(9_499).await, due_at(9_500).await), (0, 1));
            let done: Result<()> =
                db.write(async |tx| paid(tx, OrderId(10), "a", Timestamp(1_200)).await).await;
            done.unwrap();
            assert_eq!(ask(50_000).await, None);
            assert_eq!(due_at(i64::MAX).await, 0);
            let kept = paid_of(db, alice, 10).await.unwrap();
            assert_eq!((kept[0].state, kept[0].paid_at), (OrderState::Paid, Some(Timestamp(1_200))));
        })
        .await;
    }
}
