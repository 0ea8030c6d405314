//! What files hold: one blob each in a directory, named by the hash of its content, so that the same content lies there
//! once.
//!
//! A blob comes in under another name and is moved to its own when all of it is on the disk. A path is made of a hash
//! that a row holds, never of what somebody says.

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};
use tokio::{
    io::AsyncWriteExt as _,
    sync::{RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use crate::{Error, Result};

/// Where blobs come in.
const INCOMING: &str = "incoming";

/// A directory of blobs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    /// Held for reading while a row and its blob are brought together, for writing while they go.
    order: RwLock<()>,
}

/// A blob that is coming in. Dropped before it is [placed](Blobs::place), it is gone.
#[derive(Debug)]
pub struct Incoming {
    file: tokio::fs::File,
    path: Temporary,
    hash: Sha256,
    bytes: u64,
}

/// A blob that has come in whole.
#[derive(Debug)]
pub struct Received {
    path: Temporary,
    /// The SHA-256 of its content, in hex digits.
    pub hash: String,
    /// How large it is.
    pub bytes: u64,
}

/// A file that is deleted with this.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Blobs {
    /// Opens the directory, or makes it. What was coming in when an earlier process ended is thrown away.
    pub fn open(root: PathBuf) -> Result<Self> {
        let incoming = root.join(INCOMING);
        make_dir(&incoming)?;
        for entry in fs::read_dir(&incoming)? {
            fs::remove_file(entry?.path())?;
        }
        Ok(Self(Arc::new(Inner { root, order: RwLock::default() })))
    }

    /// Begins to take a blob in, under a name that nothing else has.
    pub async fn begin(&self, name: i64) -> Result<Incoming> {
        let path = self.0.root.join(INCOMING).join(name.to_string());
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = tokio::fs::OpenOptions::from(options).open(&path).await?;
        Ok(Incoming { file, path: Temporary(path), hash: Sha256::new(), bytes: 0 })
    }

    /// Held while a row is written and its blob placed: no blob goes meanwhile.
    pub async fn while_coming(&self) -> RwLockReadGuard<'_, ()> {
        self.0.order.read().await
    }

    /// Held while rows go and the blobs that none names any more: none comes meanwhile.
    pub async fn while_going(&self) -> RwLockWriteGuard<'_, ()> {
        self.0.order.write().await
    }

    /// Moves a blob to where its hash says. When this returns, it survives a power cut.
    pub async fn place(&self, received: Received) -> Result<()> {
        let to = self.path(&received.hash)?;
        blocking(move || {
            let folder = to.parent().unwrap_or(&to);
            make_dir(folder)?;
            fs::rename(&received.path.0, &to)?;
            sync_dir(folder)?;
            sync_dir(folder.parent().unwrap_or(folder))
        })
        .await
    }

    /// Opens the content with this hash.
    pub async fn read(&self, hash: &str) -> Result<tokio::fs::File> {
        Ok(tokio::fs::File::open(self.path(hash)?).await?)
    }

    /// The content with this hash, whole.
    pub async fn read_whole(&self, hash: &str) -> Result<Vec<u8>> {
        Ok(tokio::fs::read(self.path(hash)?).await?)
    }

    /// Deletes the content with this hash, if it is there.
    pub async fn remove(&self, hash: &str) -> Result<()> {
        let path = self.path(hash)?;
        blocking(move || match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
    }

    fn path(&self, hash: &str) -> Result<PathBuf> {
        if !is_hash(hash) {
            return Err(Error::decode("a file's hash is none"));
        }
        Ok(self.0.root.join(&hash[..2]).join(hash))
    }
}

impl Incoming {
    /// How large it is so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes more of it.
    pub async fn write(&mut self, more: &[u8]) -> Result<()> {
        self.hash.update(more);
        self.bytes += more.len() as u64;
        Ok(self.file.write_all(more).await?)
    }

    /// Ends it: all of it is on the disk.
    pub async fn finish(mut self) -> Result<Received> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let mut hash = String::with_capacity(64);
        for byte in self.hash.finalize() {
            let _ = write!(hash, "{byte:02x}");
        }
        Ok(Received { path: self.path, hash, bytes: self.bytes })
    }
}

impl Received {
    /// Where it lies until it is placed: to look at it.
    pub fn path(&self) -> &Path {
        &self.path.0
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Files(Arc::new(error)),
        }
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn make_dir(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A name in a directory is kept when the directory is.
fn sync_dir(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::File::open(path)?.sync_all()?;
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Panicked)?.map_err(Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn receive(blobs: &Blobs, name: i64, content: &[u8]) -> Received {
        let mut incoming = blobs.begin(name).await.unwrap();
        for piece in content.chunks(3) {
            incoming.write(piece).await.unwrap();
        }
        incoming.finish().await.unwrap()
    }

    #[tokio::test]
    async fn the_same_content_lies_there_once_and_under_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path().join("blobs")).unwrap();
        let (first, again) = (receive(&blobs, 1, b"hello").await, receive(&blobs, 2, b"hello").await);
        let hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert_eq!((first.hash.as_str(), first.bytes, again.hash.as_str()), (hash, 5, hash));
        blobs.place(first).await.unwrap();
        blobs.place(again).await.unwrap();
        assert_eq!(blobs.read_whole(hash).await.unwrap(), b"hello");
        assert_eq!(fs::read_dir(folder.path().join("blobs/2c")).unwrap().count(), 1);
        blobs.remove(hash).await.unwrap();
        blobs.remove(hash).await.unwrap();
        assert!(blobs.read(hash).await.is_err());
    }

    #[tokio::test]
    async fn what_never_came_in_whole_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("blobs");
        let blobs = Blobs::open(root.clone()).unwrap();
        let left = || fs::read_dir(root.join(INCOMING)).unwrap().count();
        drop(receive(&blobs, 1, b"never placed").await);
        assert_eq!(left(), 0);
        std::mem::forget(blobs.begin(2).await.unwrap()); // as if the process were killed
        assert_eq!(left(), 1);
        Blobs::open(root.clone()).unwrap();
        assert_eq!(left(), 0);
    }

    #[tokio::test]
    async fn a_path_is_made_of_a_hash_and_of_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path().join("blobs")).unwrap();
        for odd in ["", "../../etc/passwd", &"A".repeat(64), &format!("{}/", "a".repeat(63))] {
            assert!(matches!(blobs.read(odd).await, Err(Error::Decode(_))), "{odd}");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_on_the_machine_can_read_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path().join("blobs")).unwrap();
        let received = receive(&blobs, 1, b"secret").await;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(received.path()), 0o600);
        assert_eq!(mode(&folder.path().join("blobs")), 0o700);
    }
}
