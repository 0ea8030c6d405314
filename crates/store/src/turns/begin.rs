//! A turn begins in a conversation that is there; see [`fn@super::open`] for the first.

use domain::{ConversationId, MemberRole, Turn, UserId};

use crate::{
    Result, Sql, Tx,
    db::{FromRow, Row},
    messages::{Question, bind_of_turn, insert_of_turn},
};

/// The statement that writes a turn.
macro_rules! insert {
    () => {
        "INSERT INTO turns (id, conversation_id, user_id, user_message_id, message_id, kind, continued_id, state, model,
                            node, epoch, created_at, quota_month)
         "
    };
}

/// Writes a turn as it is, without its messages. See [`begin`].
pub async fn insert(tx: &mut Tx, turn: &Turn) -> Result<()> {
    tx.query(concat!(insert!(), "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"))
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
        .bind(turn.quota_month)
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
        "VALUES ($1, $3, $5, $2, $8, $11, $12, $9, $10, $13, $14, $7, $15)) ",
        insert_of_turn!()
    ));
    bind_of_turn(query, turn, question)
        .bind(turn.kind)
        .bind(turn.continued_id)
        .bind(turn.node)
        .bind(turn.epoch)
        .bind(turn.quota_month)
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
