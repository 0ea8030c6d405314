//! What a service says about a person beside who it is.

use serde::{Deserialize, Deserializer};

use super::super::names;

/// What a service says about a person.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Person {
    email: Option<String>,
    #[serde(default, deserialize_with = "truth")]
    email_verified: bool,
    name: Option<String>,
    preferred_username: Option<String>,
}

/// Some services write the word.
fn truth<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(value == true || value == "true")
}

impl Person {
    /// The e-mail address, if the service has seen that it is the person's and we could take it for an account.
    pub(super) fn verified_email(&self) -> Option<String> {
        self.email.as_deref().filter(|_| self.email_verified).and_then(|email| names::email(email).ok())
    }

    /// The name to show, if it could be chosen here.
    pub(super) fn full_name(&self) -> Option<String> {
        names::full_name(self.name.as_deref()?).ok()?
    }

    /// What user names can be made of: the one there, else the address.
    pub(super) fn base_of_username(&self, email: &str) -> String {
        let preferred = self.preferred_username.as_deref().unwrap_or_default();
        let is_name = names::username(preferred).is_ok();
        if is_name { preferred.to_owned() } else { email.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(json: serde_json::Value) -> Person {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn an_address_counts_if_the_service_vouches_for_it() {
        let email = |verified: serde_json::Value| {
            person(serde_json::json!({ "email": "ada@x.tn", "email_verified": verified })).verified_email()
        };
        assert_eq!(email(true.into()), Some("ada@x.tn".into()));
        assert_eq!(email("true".into()), Some("ada@x.tn".into()));
        for no in [false.into(), "false".into(), 1.into(), serde_json::Value::Null] {
            assert_eq!(email(no), None);
        }
        assert_eq!(person(serde_json::json!({ "email": "ada@x.tn" })).verified_email(), None);
        assert_eq!(
            person(serde_json::json!({ "email": "no", "email_verified": true })).verified_email(),
            None
        );
    }

    #[test]
    fn a_user_name_is_made_of_what_could_be_one() {
        let base =
            |name: &str| person(serde_json::json!({ "preferred_username": name })).base_of_username("a@x.tn");
        assert_eq!(base("ada"), "ada");
        assert_eq!(base("ada@x.tn"), "a@x.tn");
        assert_eq!(base("<b>"), "a@x.tn");
    }
}
