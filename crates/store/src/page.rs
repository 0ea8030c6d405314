//! Keyset pages: where the last page ended, not how many rows to skip.

/// Where a page of conversations ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The sort key of the last row.
    pub at: i64,
    /// Its id, which breaks ties.
    pub id: i64,
}

impl Cursor {
    /// Before the first row of a list that begins with the largest.
    pub const START: Self = Self { at: i64::MAX, id: i64::MAX };

    /// Reads what [`Display`](std::fmt::Display) wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| {
            let is_number = (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| text.parse().ok()).flatten()
        };
        let (at, id) = text.split_once('-')?;
        Some(Self { at: number(at)?, id: number(id)? })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.at, self.id)
    }
}
