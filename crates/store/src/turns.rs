//! `turns`: who asked what, and how far the answer has come.

use domain::{
    ConversationId, MemberRole, MessageError, MessageId, Parts, Seq, State, Timestamp, Turn, TurnId, Usage,
    UserId,
};

use crate::{
    On, Result, Sql, Tx,
    db::{FromRow, Row, to_json},
    messages::{Question, bind_of_turn, insert_of_turn},
};

impl FromRow for Turn {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.next()?,
            conversation_id: row.next()?,
            user_id: row.next()?,
            user_message_id: row.next()?,
            message_id: row.next()?,
            kind: row.next()?,
            continued_id: row.next()?,
            state: row.next()?,
            model: row.next()?,
            node: row.next()?,
            epoch: row.next()?,
            done_seq: row.next()?,
            created_at: row.next()?,
            settled_at: row.next()?,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.conversation_id, t.user_id, t.user_message_id, t.message_id, t.kind, t.continued_id,
                    t.state, t.model, t.node, t.epoch, t.done_seq, t.created_at, t.settled_at FROM turns t ",
            $rest
        )
    };
}

/// The statement that writes a turn.
macro_rules! insert {
    () => {
        "INSERT INTO turns (id, conversation_id, user_id, user_message_id, message_id, kind, continued_id, state, model,
                            node, epoch, created_at)
         "
    };
}

/// Writes a turn as it is, without its messages. See [`begin`].
pub async fn insert(tx: &mut Tx, turn: &Turn) -> Result<()> {
    tx.query(concat!(insert!(), "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"))
        .bind(turn.id)
        .bind(turn.conversation_id)
        .bind(turn.user_id)
        .bind(turn.user_message_id)
        .bind(turn.message_id)
        .bind(turn.kind)
        .bind(turn.continued_id)
        .bind(turn.state)
        .bind(turn.model.as_str())
        .bind(turn.node)
        .bind(turn.epoch)
        .bind(turn.created_at)
        .run()
        .await?;
    Ok(())
}

/// Writes a new turn, its empty answer and what is new of its question.
pub async fn begin(tx: &mut Tx, turn: &Turn, question: Option<&Question>) -> Result<()> {
    if tx.is_sqlite() {
        insert(tx, turn).await?;
        bind_of_turn(tx.query(insert_of_turn!()), turn, question).run().await?;
        return Ok(());
    }
    let query = tx.query(concat!(
        "WITH turn AS (",
        insert!(),
        "VALUES ($1, $3, $5, $2, $8, $11, $12, $9, $10, $13, $14, $7)) ",
        insert_of_turn!()
    ));
    bind_of_turn(query, turn, question)
        .bind(turn.kind)
        .bind(turn.continued_id)
        .bind(turn.node)
        .bind(turn.epoch)
        .run()
        .await?;
    Ok(())
}

/// What decides whether a turn may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footing {
    /// The role of whoever asks, if a member.
    pub role: Option<MemberRole>,
    /// Whether the account may do anything.
    pub is_active: bool,
    /// Whether this is the node's current epoch: no turn is left behind after the one recovery.
    pub is_current: bool,
    /// How many turns of the conversation are unsettled.
    pub unsettled: i64,
    /// How many turns of whoever asks wait.
    pub waiting: i64,
}

impl FromRow for Footing {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            role: row.next()?,
            is_active: row.next::<Option<UserId>>()?.is_some(),
            is_current: row.next::<Option<i64>>()?.is_some(),
            unsettled: row.next()?,
            waiting: row.next()?,
        })
    }
}

/// Asks what a turn would stand on. The caller holds the conversation's lock since an earlier statement, so that its
/// members and turns stay as they are seen here.
///
/// The account and the node's row are held until the commit: who deactivates or ends the one, or enters the other and
/// recovers, does so before this and is seen, or after the turn and finds it.
pub async fn footing(
    tx: &mut Tx,
    conversation: ConversationId,
    user: UserId,
    (node, epoch): (i64, i64),
) -> Result<Footing> {
    tx.query(Sql {
        sqlite: "SELECT (SELECT role FROM conversation_members WHERE conversation_id = $1 AND user_id = $2),
                        (SELECT id FROM users WHERE id = $2 AND is_active AND deleted_at IS NULL),
                        (SELECT node FROM nodes WHERE node = $3 AND epoch = $4),
                        (SELECT COUNT(*) FROM turns WHERE conversation_id = $1 AND settled_at IS NULL),
                        (SELECT COUNT(*) FROM turns WHERE user_id = $2 AND settled_at IS NULL AND state = 'waiting')",
        postgres: "SELECT (SELECT role FROM conversation_members WHERE conversation_id = $1 AND user_id = $2),
                          (SELECT id FROM users WHERE id = $2 AND is_active AND deleted_at IS NULL FOR SHARE),
                          (SELECT node FROM nodes WHERE node = $3 AND epoch = $4 FOR SHARE),
                          (SELECT COUNT(*) FROM turns WHERE conversation_id = $1 AND settled_at IS NULL),
                          (SELECT COUNT(*) FROM turns WHERE user_id = $2 AND settled_at IS NULL AND state = 'waiting')",
    })
    .bind(conversation)
    .bind(user)
    .bind(node)
    .bind(epoch)
    .one()
    .await
}

/// A turn of a conversation that `reader` is a member of.
pub async fn find(on: impl Into<On<'_>>, reader: UserId, id: TurnId) -> Result<Option<Turn>> {
    on.into()
        .query(select!(
            "JOIN conversation_members who ON who.conversation_id = t.conversation_id AND who.user_id = $2
             JOIN conversations c ON c.id = t.conversation_id AND c.ended_at IS NULL
             WHERE t.id = $1"
        ))
        .bind(id)
        .bind(reader)
        .by_key()
        .optional()
        .await
}

/// A turn by its id alone: for the node that runs it.
pub async fn own(on: impl Into<On<'_>>, id: TurnId) -> Result<Option<Turn>> {
    on.into().query(select!("WHERE t.id = $1")).bind(id).by_key().optional().await
}

/// The unsettled turns of a conversation, oldest first.
pub async fn unsettled_of_conversation(
    on: impl Into<On<'_>>,
    conversation: ConversationId,
) -> Result<Vec<TurnId>> {
    let rows: Vec<(TurnId,)> = on
        .into()
        .query("SELECT id FROM turns WHERE conversation_id = $1 AND settled_at IS NULL ORDER BY id")
        .bind(conversation)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The unsettled turns that a user asked for.
pub async fn unsettled_of_user(on: impl Into<On<'_>>, user: UserId) -> Result<Vec<TurnId>> {
    let rows: Vec<(TurnId,)> = on
        .into()
        .query("SELECT id FROM turns WHERE user_id = $1 AND settled_at IS NULL ORDER BY id")
        .bind(user)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The unsettled turns of a node's epoch (`own`), or of all its other epochs.
pub async fn unsettled_of_node(on: impl Into<On<'_>>, node: i64, epoch: i64, own: bool) -> Result<Vec<Turn>> {
    // Ordered here: with ORDER BY the planner walks all turns by their ids instead of the few that are unsettled.
    let mut turns: Vec<Turn> = on
        .into()
        .query(select!("WHERE t.settled_at IS NULL AND t.node = $1 AND (t.epoch = $2) = $3"))
        .bind(node)
        .bind(epoch)
        .bind(own)
        .all()
        .await?;
    turns.sort_unstable_by_key(|turn| turn.id);
    Ok(turns)
}

/// How a turn ended.
#[derive(Debug, Clone)]
pub struct Settled<'a> {
    /// How it ended.
    pub state: State,
    /// All of the answer.
    pub parts: &'a Parts,
    /// Why the model ended.
    pub finish_reason: Option<&'a str>,
    /// Why it failed.
    pub error: Option<&'a MessageError>,
    /// What it cost.
    pub usage: Option<Usage>,
    /// The id of the row that says what it cost.
    pub usage_id: i64,
    /// The number of `done`.
    pub done_seq: Seq,
    /// When it ended.
    pub now: Timestamp,
}

/// What a settle came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// The turn that waited longest, and runs now.
    pub promoted: Option<TurnId>,
}

impl FromRow for Next {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { promoted: row.next()? })
    }
}

/// Settles a turn of its node and epoch, with its answer; its tail goes, its cost is noted, its conversation moves to
/// the top of every member's list, and the oldest turn of it that waits may run. Exactly one settle of a turn takes
/// effect: any other gives `None` and writes nothing. The caller holds the conversation's lock since an earlier
/// statement.
pub async fn settle(tx: &mut Tx, turn: &Turn, settled: &Settled<'_>) -> Result<Option<Next>> {
    if tx.is_sqlite() {
        settle_in_steps(tx, turn, settled).await
    } else {
        settle_at_once(tx, turn, settled).await
    }
}

async fn settle_in_steps(tx: &mut Tx, turn: &Turn, settled: &Settled<'_>) -> Result<Option<Next>> {
    let touched = tx
        .query(
            "UPDATE turns SET state = $4, done_seq = $5, settled_at = $6
             WHERE id = $1 AND node = $2 AND epoch = $3 AND state IN ('waiting', 'running')",
        )
        .bind(turn.id)
        .bind(turn.node)
        .bind(turn.epoch)
        .bind(settled.state)
        .bind(settled.done_seq)
        .bind(settled.now)
        .run()
        .await?;
    if touched == 0 {
        return Ok(None);
    }
    crate::messages::settle(tx, turn.message_id, settled).await?;
    crate::tails::delete(tx, turn.id).await?;
    if let Some(usage) = settled.usage {
        crate::usage::insert(tx, settled.usage_id, turn, usage, settled.now).await?;
    }
    crate::members::touch(tx, turn.conversation_id, settled.now).await?;
    Ok(Some(Next { promoted: promote(tx, turn.conversation_id).await? }))
}

/// The oldest unsettled turn of a conversation may run, if it waited.
async fn promote(tx: &mut Tx, conversation: ConversationId) -> Result<Option<TurnId>> {
    let promoted: Option<(TurnId, MessageId)> = tx
        .query(
            "UPDATE turns SET state = 'running'
             WHERE state = 'waiting' AND id =
                (SELECT MIN(id) FROM turns WHERE conversation_id = $1 AND settled_at IS NULL)
             RETURNING id, message_id",
        )
        .bind(conversation)
        .optional()
        .await?;
    let Some((next, answer)) = promoted else { return Ok(None) };
    crate::messages::set_running(tx, answer).await?;
    Ok(Some(next))
}

/// The same in one statement of PostgreSQL. Its parts see the rows as they were before it, so the turn that is being
/// settled is left out where the oldest unsettled one is sought.
async fn settle_at_once(tx: &mut Tx, turn: &Turn, settled: &Settled<'_>) -> Result<Option<Next>> {
    tx.query(
        "WITH ended AS (
            UPDATE turns SET state = $4, done_seq = $5, settled_at = $6
            WHERE id = $1 AND node = $2 AND epoch = $3 AND state IN ('waiting', 'running')
            RETURNING id, conversation_id, user_id, message_id, model),
         answer AS (
            UPDATE messages m SET state = $4, parts = $7, finish_reason = $8, error = $9, usage = $10
            FROM ended WHERE m.id = ended.message_id AND m.state IN ('waiting', 'running')),
         tail AS (
            DELETE FROM turn_tails USING ended WHERE turn_id = ended.id),
         cost AS (
            INSERT INTO usage (id, user_id, turn_id, model, prompt_tokens, completion_tokens, reasoning_tokens,
                               estimated, created_at)
            SELECT $11, user_id, id, model, $12, $13, $14, $15, $6 FROM ended WHERE $10 IS NOT NULL
            ON CONFLICT (turn_id) DO NOTHING),
         members AS (
            UPDATE conversation_members who SET last_activity_at = $6
            FROM ended WHERE who.conversation_id = ended.conversation_id),
         next AS (
            UPDATE turns t SET state = 'running'
            FROM ended WHERE t.state = 'waiting' AND t.id =
                (SELECT MIN(id) FROM turns WHERE conversation_id = $16 AND settled_at IS NULL AND id <> $1)
            RETURNING t.id, t.message_id),
         next_answer AS (
            UPDATE messages m SET state = 'running'
            FROM next WHERE m.id = next.message_id AND m.state = 'waiting')
         SELECT next.id FROM ended LEFT JOIN next ON TRUE",
    )
    .bind(turn.id)
    .bind(turn.node)
    .bind(turn.epoch)
    .bind(settled.state)
    .bind(settled.done_seq)
    .bind(settled.now)
    .bind(settled.parts)
    .bind(settled.finish_reason)
    .bind(settled.error.map(to_json))
    .bind(settled.usage.map(|usage| to_json(&usage)))
    .bind(settled.usage_id)
    .bind(settled.usage.map(|usage| usage.prompt_tokens))
    .bind(settled.usage.map(|usage| usage.completion_tokens))
    .bind(settled.usage.map(|usage| usage.reasoning_tokens))
    .bind(settled.usage.map(|usage| usage.estimated))
    .bind(turn.conversation_id)
    .optional()
    .await
}

#[cfg(test)]
mod tests {
    use domain::Role;

    use super::*;
    use crate::{
        Db, messages, tails,
        test::{given, on_both},
        usage,
    };

    async fn settled(db: &Db, turn: &Turn, text: &str) -> Option<Next> {
        let (turn, parts) = (turn.clone(), Parts::text_only(text));
        let usage = Usage { prompt_tokens: 3, completion_tokens: 2, reasoning_tokens: 0, estimated: false };
        let settled: Result<_> = db
            .write(async move |tx| {
                let settled = Settled {
                    state: State::Completed,
                    parts: &parts,
                    finish_reason: Some("stop"),
                    error: None,
                    usage: Some(usage),
                    usage_id: turn.id.0 + 3,
                    done_seq: 9,
                    now: Timestamp(500),
                };
                settle(tx, &turn, &settled).await
            })
            .await;
        settled.unwrap()
    }

    #[tokio::test]
    async fn exactly_one_settle_takes_effect_and_the_next_turn_runs() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            let first = given::turn(db, 100, talk, alice, State::Running).await;
            let second = given::turn(db, 200, talk, alice, State::Waiting).await;
            let third = given::turn(db, 300, talk, alice, State::Waiting).await;
            let state = async |id| messages::own(db, id).await.unwrap().unwrap().state;

            let of_another_epoch = Turn { epoch: 2, ..first.clone() };
            assert_eq!(settled(db, &of_another_epoch, "no").await, None);
            assert_eq!(
                (state(first.message_id).await, state(second.message_id).await),
                (State::Running, State::Waiting)
            );
            assert_eq!(usage::since(db, alice, Timestamp(0)).await.unwrap(), (0, 0, 0));

            assert_eq!(settled(db, &first, "yes").await, Some(Next { promoted: Some(second.id) }));
            assert_eq!(settled(db, &first, "again").await, None);
            assert_eq!(
                (state(second.message_id).await, state(third.message_id).await),
                (State::Running, State::Waiting)
            );
            assert_eq!(find(db, alice, first.id).await.unwrap().unwrap().done_seq, Some(9));
            assert_eq!(find(db, bob, first.id).await.unwrap(), None);
            assert_eq!(unsettled_of_conversation(db, talk).await.unwrap(), [second.id, third.id]);
            assert_eq!(unsettled_of_user(db, alice).await.unwrap(), [second.id, third.id]);
            assert_eq!(unsettled_of_node(db, 0, 1, true).await.unwrap().len(), 2);
            assert_eq!(unsettled_of_node(db, 0, 1, false).await.unwrap().len(), 0);
            assert_eq!(own(db, second.id).await.unwrap().unwrap().state, State::Running);

            // One that is settled while it waits lets nobody run before the turn that runs has ended.
            assert_eq!(settled(db, &third, "").await, Some(Next { promoted: None }));
            assert_eq!(settled(db, &second, "").await, Some(Next { promoted: None }));
            assert_eq!(usage::since(db, alice, Timestamp(0)).await.unwrap(), (3, 9, 6));
        })
        .await;
    }

    #[tokio::test]
    async fn a_settle_writes_the_answer_and_takes_the_tail_away() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let (talk, other) =
                (given::conversation(db, 10, alice).await, given::conversation(db, 11, alice).await);
            let turn = given::turn(db, 100, talk, alice, State::Running).await;
            let apart = given::turn(db, 200, other, alice, State::Running).await;
            for id in [turn.id, apart.id] {
                let piece = tails::Piece { turn: id, after: 0, covers: 3, parts: Parts::text_only("Hel") };
                db.write(async move |tx| tails::append(tx, &[piece], given::NODE).await).await.unwrap();
            }

            assert_eq!(settled(db, &turn, "Hello").await, Some(Next { promoted: None }));

            let answer = messages::own(db, turn.message_id).await.unwrap().unwrap();
            assert_eq!((answer.parts.text().as_str(), answer.state), ("Hello", State::Completed));
            assert_eq!(
                (answer.finish_reason.as_deref(), answer.usage.unwrap().prompt_tokens),
                (Some("stop"), 3)
            );
            let left: Vec<(TurnId,)> =
                On::from(db).query("SELECT turn_id FROM turn_tails").all().await.unwrap();
            assert_eq!(left, [(apart.id,)]);
            let seen =
                async |id| crate::conversations::find(db, alice, id).await.unwrap().unwrap().last_activity_at;
            assert_eq!((seen(talk).await, seen(other).await), (Timestamp(500), Timestamp(11)));
        })
        .await;
    }

    #[tokio::test]
    async fn a_turn_begins_with_its_answer_and_with_what_is_new_of_its_question() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let talk = given::conversation(db, 10, alice).await;
            let first = given::turn(db, 100, talk, alice, State::Running).await;
            let new = |id: i64, question: MessageId| Turn {
                id: TurnId(id),
                user_message_id: question,
                message_id: MessageId(id + 2),
                state: State::Waiting,
                continued_id: Some(first.message_id),
                ..first.clone()
            };
            let (asks, repeats) = (new(200, MessageId(201)), new(300, first.user_message_id));
            let (one, two) = (asks.clone(), repeats.clone());
            let parent = Some(first.message_id);
            let begun: Result<()> = db
                .write(async move |tx| {
                    begin(tx, &one, Some(&Question { parent, parts: Parts::text_only("why?") })).await?;
                    begin(tx, &two, None).await
                })
                .await;
            begun.unwrap();

            let read = async |id| messages::own(db, id).await.unwrap().unwrap();
            assert_eq!(own(db, asks.id).await.unwrap(), Some(asks.clone()));
            assert_eq!(own(db, repeats.id).await.unwrap(), Some(repeats.clone()));
            let question = read(asks.user_message_id).await;
            assert_eq!((question.parts.text().as_str(), question.parent_id), ("why?", parent));
            assert_eq!((question.role, question.state, question.model), (Role::User, State::Completed, None));
            let answer = read(asks.message_id).await;
            assert_eq!((answer.parts.is_empty(), answer.parent_id), (true, Some(question.id)));
            assert_eq!((answer.role, answer.state), (Role::Assistant, State::Waiting));
            assert_eq!((answer.turn_id, answer.model.as_deref()), (Some(asks.id), Some("fake")));
            assert_eq!(read(repeats.message_id).await.parent_id, Some(first.user_message_id));
        })
        .await;
    }

    #[tokio::test]
    async fn a_turn_stands_on_role_account_and_epoch() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            given::turn(db, 100, talk, alice, State::Running).await;
            given::turn(db, 200, talk, alice, State::Waiting).await;
            let enter: Result<i64> =
                db.write(async move |tx| crate::nodes::enter(tx, 0, Timestamp(1)).await).await;
            assert_eq!(enter.unwrap(), 1);
            let ask = async |user, node| {
                let footing: Result<_> = db.write(async move |tx| footing(tx, talk, user, node).await).await;
                footing.unwrap()
            };
            let role = Some(MemberRole::Owner);
            let all = Footing { role, is_active: true, is_current: true, unsettled: 2, waiting: 1 };
            assert_eq!(ask(alice, (0, 1)).await, all);
            assert_eq!(ask(alice, (0, 2)).await, Footing { is_current: false, ..all.clone() });
            assert_eq!(ask(bob, (0, 1)).await, Footing { role: None, waiting: 0, ..all.clone() });
            let off: Result<bool> = db
                .write(async move |tx| crate::users::set_active(tx, alice, false, Timestamp(1)).await)
                .await;
            assert!(off.unwrap());
            assert_eq!(ask(alice, (0, 1)).await, Footing { is_active: false, ..all });
        })
        .await;
    }

    #[tokio::test]
    async fn what_ends_while_a_turn_waits_to_begin_is_seen_by_it() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let talk = given::conversation(db, 10, alice).await;
            let entered: Result<i64> =
                db.write(async move |tx| crate::nodes::enter(tx, 0, Timestamp(1)).await).await;
            let node = (0, entered.unwrap());
            let (held, is_held) = tokio::sync::oneshot::channel();
            let end = db.write(async move |tx| -> Result<()> {
                crate::users::set_active(tx, alice, false, Timestamp(2)).await?;
                crate::nodes::enter(tx, 0, Timestamp(2)).await?;
                let _ = held.send(());
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                Ok(())
            });
            let begin = async {
                is_held.await.unwrap();
                let seen: Result<_> = db.write(async move |tx| footing(tx, talk, alice, node).await).await;
                seen.unwrap()
            };
            let (ended, seen) = futures_util::future::join(end, begin).await;
            ended.unwrap();
            assert_eq!((seen.is_active, seen.is_current), (false, false));
            assert_eq!((seen.role, seen.unsettled), (Some(MemberRole::Owner), 0));
        })
        .await;
    }
}
