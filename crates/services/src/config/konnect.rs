//! Konnect, the gateway that payments go through.

use super::{Secret, manual::section, oidc::is_safe, shown};

section! {
    /// Konnect, the gateway that payments go through. Without a key and a wallet nothing can be bought. Give
    /// `server.public_url`, too: Konnect calls `<server.public_url>/webhooks/konnect` when somebody has paid.
    Konnect {
        /// The key of the organisation, from Konnect's dashboard. Also `KONNECT_SECRET_KEY`.
        #[serde(serialize_with = "shown::secret")]
        api_key: Option<Secret> = None,
        /// The wallet that receives the payments. Also `KONNECT_MERCHANT_ID`.
        wallet_id: String = String::new(),
        /// Where Konnect answers: `https`, or a port of this machine. Its sandbox has an address of its own. Also
        /// `KONNECT_API_URL`.
        api_url: String = "https://api.konnect.network/api/v2".into(),
        /// What signs the address that Konnect calls; not given: the server's own key. Also `KONNECT_WEBHOOK_SECRET`.
        #[serde(serialize_with = "shown::secret")]
        webhook_secret: Option<Secret> = None,
        /// How many minutes a payment may take.
        lifespan_minutes: u32 = 60,
        /// How long at most, in seconds, until Konnect is asked again about a payment that is open.
        reconcile_seconds: u32 = 300,
    }
}

impl Konnect {
    /// The key and the wallet, if payments can be taken.
    pub(crate) fn account(&self) -> Option<(&Secret, &str)> {
        let key = self.api_key.as_ref().filter(|key| !key.is_empty())?;
        let wallet = self.wallet_id.trim();
        (!wallet.is_empty()).then_some((key, wallet))
    }

    /// Whether something of it is given and something is missing.
    pub(crate) fn is_half(&self) -> bool {
        let has_key = self.api_key.as_ref().is_some_and(|key| !key.is_empty());
        self.account().is_none() && (has_key || !self.wallet_id.trim().is_empty())
    }

    /// What is wrong with it, if anything.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let expected = |key, expected: &str| Err((key, expected.to_owned()));
        if !is_safe(&self.api_url) {
            return expected(
                "billing.konnect.api_url",
                "expected https://…, or http:// and a port of this machine",
            );
        }
        if !(1..=10_080).contains(&self.lifespan_minutes) {
            return expected("billing.konnect.lifespan_minutes", "expected a number from 1 to 10080");
        }
        if self.reconcile_seconds < 10 {
            return expected("billing.konnect.reconcile_seconds", "expected a number of at least 10");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_account_is_none() {
        let with = |key: Option<&str>, wallet: &str| Konnect {
            api_key: key.map(Secret::from),
            wallet_id: wallet.into(),
            ..Konnect::default()
        };
        assert!(with(Some("key"), "wallet").account().is_some());
        for (key, wallet, is_half) in
            [(None, "", false), (Some(""), "", false), (Some("key"), " ", true), (None, "wallet", true)]
        {
            let half = with(key, wallet);
            assert!(half.account().is_none() && half.check().is_ok());
            assert_eq!(half.is_half(), is_half, "{key:?} {wallet:?}");
        }
    }

    #[test]
    fn the_key_is_not_sent_in_the_clear() {
        let with = |url: &str| Konnect { api_url: url.into(), ..Konnect::default() };
        assert_eq!(with("http://127.0.0.1:1/api/v2").check(), Ok(()));
        assert!(with("http://api.konnect.network/api/v2").check().is_err());
        assert!(with("").check().is_err());
        assert!(Konnect { lifespan_minutes: 0, ..Konnect::default() }.check().is_err());
        assert!(Konnect { reconcile_seconds: 1, ..Konnect::default() }.check().is_err());
    }
}
