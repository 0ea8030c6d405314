//! Files that people hand to models.

use super::manual::section;

const MIB: u64 = 1024 * 1024;

section! {
    /// Files that people hand to models: images, and texts of any kind.
    Files {
        /// The largest image, in bytes.
        image_bytes: u64 = 20 * MIB,
        /// The largest text, in bytes.
        text_bytes: u64 = 2 * MIB,
        /// How many files may go with one message.
        per_message: usize = 10,
        /// How many bytes all images of one request to a model may have. Those of older messages are left out first.
        prompt_image_bytes: u64 = 24 * MIB,
        /// How many bytes all texts of one request to a model may have. Those of older messages are left out first.
        prompt_text_bytes: u64 = 4 * MIB,
        /// How many bytes all files of one account may have; 0: no limit.
        account_bytes: u64 = 1024 * MIB,
        /// How long a file is kept that was never sent, in seconds.
        unsent_keep_seconds: i64 = 24 * 3600,
    }
}
