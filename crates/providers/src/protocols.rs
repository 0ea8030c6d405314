//! The protocols we speak: to add one, write its file and add its row.

use crate::{ConfigError, DynProvider, ProviderConfig, anthropic, demo, openai, vendors};

type Open = fn(&ProviderConfig) -> Result<DynProvider, ConfigError>;

const PROTOCOLS: &[(&str, Open)] =
    &[("openai", openai::open), ("anthropic", anthropic::open), ("demo", demo::open)];

/// The words that `protocol` of a configuration may be.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    PROTOCOLS.iter().map(|(name, _)| *name)
}

/// Makes a provider of its configuration. Reaches for no network: whether it answers is seen when it is asked.
///
/// # Errors
/// Names the key of the configuration that cannot be used.
pub fn open(config: &ProviderConfig) -> Result<DynProvider, ConfigError> {
    let config = with_vendor(config)?;
    if let Some((_, open)) = PROTOCOLS.iter().find(|(name, _)| *name == config.protocol) {
        return open(&config);
    }
    let known = names().collect::<Vec<_>>().join(", ");
    Err(ConfigError::new(&config, "protocol", format!("`{}` is not one of {known}", config.protocol)))
}

/// Fills in what the vendor says.
fn with_vendor(config: &ProviderConfig) -> Result<ProviderConfig, ConfigError> {
    let mut config = config.clone();
    if let Some(name) = config.vendor.clone() {
        let Some(vendor) = vendors().get(&name) else {
            let known = vendors().keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(ConfigError::new(&config, "vendor", format!("`{name}` is not one of {known}")));
        };
        if config.protocol.is_empty() {
            config.protocol.clone_from(&vendor.protocol);
        }
        if config.base_url.is_empty() {
            config.base_url.clone_from(&vendor.base_url);
        }
    }
    if config.protocol.is_empty() {
        "openai".clone_into(&mut config.protocol);
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(config: ProviderConfig) -> String {
        let config = ProviderConfig { name: "mine".to_owned(), ..config };
        open(&config).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn an_error_names_the_key_to_change() {
        let default = ProviderConfig::default;
        let cases = [
            (ProviderConfig { protocol: "grpc".to_owned(), ..default() }, "providers.mine.protocol"),
            (ProviderConfig { vendor: Some("acme".to_owned()), ..default() }, "providers.mine.vendor"),
            (default(), "providers.mine.base_url"),
            (ProviderConfig { base_url: "not a url".to_owned(), ..default() }, "providers.mine.base_url"),
            (ProviderConfig { base_url: "ftp://host/v1".to_owned(), ..default() }, "providers.mine.base_url"),
            (
                ProviderConfig { base_url: "http://me:pw@host/v1".to_owned(), ..default() },
                "providers.mine.base_url",
            ),
            (
                ProviderConfig {
                    vendor: Some("groq".to_owned()),
                    api_key: "line\nbreak".into(),
                    ..default()
                },
                "providers.mine.api_key",
            ),
        ];
        for (config, key) in cases {
            let error = refused(config);
            assert!(error.starts_with(key), "{key}: {error}");
            assert!(!error.contains("break") && !error.contains("pw@"), "{error}");
        }
    }

    #[test]
    fn every_vendor_can_be_opened_by_its_name() {
        for name in vendors().keys() {
            let config = ProviderConfig { vendor: Some(name.clone()), ..ProviderConfig::default() };
            assert!(open(&config).is_ok(), "{name}");
        }
        assert!(open(&ProviderConfig::demo()).is_ok());
    }
}
