//! Every minute: forgets old keys, tails and links, empties the trash, purges in slices what was ended.

use std::time::Duration;

use domain::{
    ConversationId, Timestamp, UserId,
    time::{DAY_MS, MINUTE_MS},
};

use crate::{App, Result, events, files, members};

/// Between two slices, so that others can write.
const PAUSE: Duration = Duration::from_millis(10);

/// How long an ended login session stays in the list of what was.
const LOGIN_KEEP_MS: i64 = 30 * DAY_MS;

/// Sweeps until the app stops.
pub(crate) async fn run(app: App) {
    let mut tick = tokio::time::interval(Duration::from_mins(1));
    loop {
        tokio::select! {
            () = app.stopping().cancelled() => return,
            _ = tick.tick() => {}
        }
        tokio::select! {
            () = app.stopping().cancelled() => return,
            swept = sweep(&app) => if let Err(error) = swept {
                tracing::warn!(%error, "sweeping failed; it is tried again in a minute");
            },
        }
    }
}

/// Sweeps once, until nothing is left to do.
pub(crate) async fn sweep(app: &App) -> Result<()> {
    let now = app.now();
    let keys_before = now.plus_ms(-app.config.chat.idempotency_keep_seconds * 1_000);
    while app.db.write(async move |tx| store::idempotency::sweep(tx, keys_before).await).await? > 0 {
        tokio::time::sleep(PAUSE).await;
    }
    let tails_before = now.plus_ms(-MINUTE_MS);
    while app.db.write(async move |tx| store::tails::sweep(tx, tails_before).await).await? > 0 {
        tokio::time::sleep(PAUSE).await;
    }
    let logins_before = now.plus_ms(-LOGIN_KEEP_MS);
    while app.db.write(async move |tx| store::logins::sweep(tx, logins_before).await).await? > 0 {
        tokio::time::sleep(PAUSE).await;
    }
    while app.db.write(async move |tx| store::password_resets::sweep(tx, now).await).await? > 0 {
        tokio::time::sleep(PAUSE).await;
    }
    while app.db.write(async move |tx| store::invitations::sweep(tx, now).await).await? > 0 {
        tokio::time::sleep(PAUSE).await;
    }
    while app.db.write(async move |tx| store::provider_flows::sweep(tx, now).await).await? > 0 {
        tokio::time::sleep(PAUSE).await;
    }
    empty_trash(app, now).await?;
    purge(app, now).await?;
    files::sweep(app).await
}

async fn empty_trash(app: &App, now: Timestamp) -> Result<()> {
    let before = now.plus_ms(-app.config.chat.trash_keep_seconds * 1_000);
    loop {
        let expired = store::purge::expired_trash(&app.db, before, 100).await?;
        if expired.is_empty() {
            return Ok(());
        }
        for id in expired {
            let turns = app
                .db
                .write(async move |tx| {
                    let Some(locked) = store::conversations::lock(tx, id).await? else {
                        return Ok(Vec::new());
                    };
                    // Restored in the meantime: it stays.
                    if locked.deleted_at.is_none_or(|at| at >= before) {
                        return Ok(Vec::new());
                    }
                    store::purge::mark_conversation(tx, id, now).await
                })
                .await?;
            crate::chat::stop::stop_turns(app, &turns);
        }
    }
}

/// Deletes the rows of ended accounts and conversations. What cannot be deleted now is tried again in a minute, and does
/// not keep the rest from going.
pub(crate) async fn purge(app: &App, now: Timestamp) -> Result<()> {
    loop {
        let orphans = store::purge::orphans(&app.db).await?;
        if orphans.is_empty() {
            break;
        }
        for id in orphans {
            let witnesses = events::witnesses(app, id).await?;
            let turns = app
                .db
                .write(async move |tx| {
                    store::conversations::lock(tx, id).await?;
                    store::purge::mark_conversation(tx, id, now).await
                })
                .await?;
            crate::chat::stop::stop_turns(app, &turns);
            events::conversation_ended(app, witnesses);
        }
        tokio::time::sleep(PAUSE).await;
    }
    for id in store::purge::ended_conversations(&app.db, now, 10_000).await? {
        if let Err(error) = purge_conversation(app, id).await {
            tracing::warn!(conversation.id = id.0, %error, "a conversation could not be purged yet");
        }
    }
    for id in store::purge::ended_accounts(&app.db, 1_000).await? {
        if let Err(error) = purge_account(app, id).await {
            tracing::warn!(user.id = id.0, %error, "an account could not be purged yet");
        }
    }
    Ok(())
}

async fn purge_conversation(app: &App, id: ConversationId) -> Result<()> {
    while !app.db.write(async move |tx| store::purge::purge_conversation(tx, id).await).await? {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn purge_account(app: &App, id: UserId) -> Result<()> {
    members::part(app, id).await?;
    while !app.db.write(async move |tx| store::purge::purge_account(tx, id).await).await? {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
