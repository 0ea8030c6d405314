//! `installation`: one row, inserted by the first account, which is the admin.

use domain::{Timestamp, UserId};

use crate::{On, Result, Tx};

/// Claims the installation. Says `false` if somebody was first.
pub async fn claim(tx: &mut Tx, admin: UserId, now: Timestamp) -> Result<bool> {
    let touched = tx
        .query("INSERT INTO installation (id, admin_id, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING")
        .bind(admin)
        .bind(now)
        .run()
        .await?;
    Ok(touched == 1)
}

/// Says whether there is an admin.
pub async fn is_claimed(on: impl Into<On<'_>>) -> Result<bool> {
    let row = on.into().query("SELECT admin_id FROM installation WHERE id = 1").optional::<(i64,)>().await?;
    Ok(row.is_some())
}

/// Waits for whoever is about to change who runs the installation.
pub async fn lock(tx: &mut Tx) -> Result<()> {
    tx.query("UPDATE installation SET admin_id = admin_id WHERE id = 1").run().await?;
    Ok(())
}

/// Nobody runs the installation any more: the next account that may be the first does.
pub async fn unclaim(tx: &mut Tx) -> Result<()> {
    tx.query("DELETE FROM installation WHERE id = 1").run().await?;
    Ok(())
}

/// The largest id in use, so that new ones start above it.
pub async fn largest_id(on: impl Into<On<'_>>) -> Result<i64> {
    let (largest,) = on
        .into()
        .query(
            "SELECT MAX(id) FROM (
                SELECT COALESCE(MAX(id), 0) AS id FROM users UNION ALL
                SELECT COALESCE(MAX(id), 0) FROM logins UNION ALL
                SELECT COALESCE(MAX(confirmed_by), 0) FROM logins UNION ALL
                SELECT COALESCE(MAX(id), 0) FROM conversations UNION ALL
                SELECT COALESCE(MAX(id), 0) FROM messages UNION ALL
                SELECT COALESCE(MAX(id), 0) FROM turns UNION ALL
                SELECT COALESCE(MAX(id), 0) FROM usage UNION ALL
                SELECT COALESCE(MAX(id), 0) FROM api_keys UNION ALL
                SELECT COALESCE(MAX(id), 0) FROM invitations UNION ALL
                SELECT COALESCE(MAX(id), 0) FROM notes UNION ALL
                SELECT COALESCE(MAX(id), 0) FROM identities UNION ALL
                SELECT COALESCE(MAX(id), 0) FROM quota_holds UNION ALL
                SELECT COALESCE(MAX(id), 0) FROM tool_calls UNION ALL
                SELECT COALESCE(MAX(id), 0) FROM orders UNION ALL
                SELECT COALESCE(MAX(id), 0) FROM groups) AS ids",
        )
        .one::<(i64,)>()
        .await?;
    Ok(largest)
}
