//! The keys: one secret, given by the settings or made at the first start, and what is derived of it.

use std::{fs, io, io::Write as _, path::Path};

use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::Sha256;

use crate::{Config, Error, Result};

/// The file in the data directory.
const FILE: &str = "secret.key";

/// What tokens are signed and succeeded with.
pub(super) struct Keys {
    /// Signs access tokens.
    pub(super) sign: EncodingKey,
    /// Checks access tokens.
    pub(super) check: DecodingKey,
    successors: Hmac<Sha256>,
    links: Hmac<Sha256>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    pub(super) fn open(config: &Config) -> Result<Self> {
        let secret = match &config.auth.secret {
            Some(secret) => secret.reveal().as_bytes().to_vec(),
            None => read_or_make(&config.data_dir.join(FILE)).map_err(|error| {
                Error::internal(anyhow::Error::new(error).context(format!(
                    "the signing key {} cannot be used",
                    config.data_dir.join(FILE).display()
                )))
            })?,
        };
        // A key for this use alone: who sees one kind of token learns nothing about the other.
        let derived = mac(&keyed(&secret)?, b"colloquy refresh token successor v1");
        let for_links = mac(&keyed(&secret)?, b"colloquy link to a shared conversation v1");
        Ok(Self {
            links: keyed(&for_links)?,
            sign: EncodingKey::from_secret(&secret),
            check: DecodingKey::from_secret(&secret),
            successors: keyed(&derived)?,
        })
    }

    /// What follows a refresh token.
    pub(super) fn successor(&self, token: &[u8]) -> [u8; 32] {
        mac(&self.successors, token)
    }

    /// What a link is made of.
    pub(super) fn link(&self, nonce: &[u8]) -> [u8; 32] {
        mac(&self.links, nonce)
    }
}

fn keyed(key: &[u8]) -> Result<Hmac<Sha256>> {
    Hmac::new_from_slice(key).map_err(|error| Error::internal(anyhow::anyhow!("{error}")))
}

fn mac(keyed: &Hmac<Sha256>, text: &[u8]) -> [u8; 32] {
    let mut mac = keyed.clone();
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// The key in the file; a new one of 256 bits, which only this account of the machine can read, if there is no file.
fn read_or_make(path: &Path) -> io::Result<Vec<u8>> {
    match fs::read_to_string(path) {
        Ok(text) => {
            let text = text.trim().to_owned();
            if text.len() < 64 {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "it is shorter than 256 bits"));
            }
            Ok(text.into_bytes())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path),
        Err(error) => Err(error),
    }
}

fn make(path: &Path) -> io::Result<Vec<u8>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let text = super::tokens::hex(&rand::random::<[u8; 32]>());
    // Written beside and moved, so that a crash leaves no half of a key.
    let beside = path.with_extension("key.new");
    let mut options = fs::File::options();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    Ok(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_we_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join(FILE);

        let made = read_or_make(&path).unwrap();

        assert_eq!(made.len(), 64);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read_or_make(&path).unwrap(), made);
        fs::write(&path, "short").unwrap();
        assert!(read_or_make(&path).is_err());
    }

    #[test]
    fn a_token_has_one_successor() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
        let (keys, again) = (Keys::open(&config).unwrap(), Keys::open(&config).unwrap());
        assert_eq!(keys.successor(b"a"), again.successor(b"a"));
        assert_ne!(keys.successor(b"a"), keys.successor(b"b"));
    }
}
