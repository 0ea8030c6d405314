//! Enums that are stored, sent and read as one word of text.

/// A stored or received word that the enum does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// The enum that was asked for.
    pub expected: &'static str,
    /// What was found instead.
    pub found: String,
}

impl std::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} is not a {}", self.found, self.expected)
    }
}

impl std::error::Error for UnknownWord {}

/// What every enum made by [`text_enum!`](crate::text_enum!) can do.
pub trait TextEnum: Copy + Sized {
    /// The stored word.
    fn as_str(self) -> &'static str;
    /// Reads a stored word.
    fn parse(word: &str) -> Result<Self, UnknownWord>;
}

/// Defines an enum whose variants are stored as the words given.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        $vis enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant),+
        }

        impl $crate::text_enum::TextEnum for $name {
            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn parse(word: &str) -> Result<Self, $crate::text_enum::UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    other => Err($crate::text_enum::UnknownWord { expected: stringify!($name), found: other.to_owned() }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::text_enum::TextEnum::as_str(*self))
            }
        }
    };
}
