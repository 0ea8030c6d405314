//! A letter: plain text, and the same as HTML for those whose mail program prefers it.

use std::fmt::Write as _;

use domain::User;

/// The languages that letters are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Italian,
}

impl Language {
    /// The language for who understands this one, such as `it-CH`.
    pub(crate) fn of(tag: &str) -> Self {
        let is_italian = tag.split('-').next().is_some_and(|first| first.trim().eq_ignore_ascii_case("it"));
        if is_italian { Self::Italian } else { Self::English }
    }

    /// The language that a person has chosen, else the one for who understands `otherwise`.
    pub(crate) fn for_user(user: &User, otherwise: Option<&str>) -> Self {
        let chosen: serde_json::Value = serde_json::from_str(&user.preferences).unwrap_or_default();
        Self::of(chosen["language"].as_str().or(otherwise).unwrap_or_default())
    }

    fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Italian => "it",
        }
    }
}

/// A letter to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    /// What it is about, for the log.
    pub(crate) kind: &'static str,
    /// The address.
    pub(crate) to: String,
    /// The subject.
    pub(crate) subject: String,
    /// What it is all about, in one line: for the log where there is no mail.
    pub(crate) gist: String,
    /// As plain text.
    pub(crate) text: String,
    /// As HTML.
    pub(crate) html: String,
}

/// What stands in a letter, from top to bottom.
pub(crate) enum Paragraph {
    Words(String),
    /// An address to go to, and what the button says.
    Link(String, &'static str),
    /// In smaller letters.
    Note(String),
}

/// Both forms of the same paragraphs: the text, and the HTML.
pub(crate) fn paragraphs(language: Language, said: &[Paragraph]) -> (String, String) {
    let mut text = String::new();
    let mut html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"></head>\
         <body style=\"margin:0;padding:24px;font:16px/24px sans-serif;color:#17181c;background:#ffffff\">\
         <div style=\"max-width:480px;margin:0 auto\">",
        language.tag()
    );
    for one in said {
        _ = match one {
            Paragraph::Words(words) => {
                _ = write!(text, "{words}\n\n");
                write!(html, "<p style=\"margin:0 0 16px\">{}</p>", escaped(words))
            }
            Paragraph::Link(address, label) => {
                _ = write!(text, "{address}\n\n");
                let address = escaped(address);
                write!(
                    html,
                    "<p style=\"margin:0 0 16px\"><a href=\"{address}\" style=\"display:inline-block;padding:10px 20px;\
                     border-radius:8px;background:#4a40e0;color:#ffffff;text-decoration:none\">{}</a></p>\
                     <p style=\"margin:0 0 16px;font-size:13px;line-height:18px;word-break:break-all\">{address}</p>",
                    escaped(label)
                )
            }
            Paragraph::Note(words) => {
                _ = write!(text, "{words}\n\n");
                write!(
                    html,
                    "<p style=\"margin:0 0 16px;font-size:13px;line-height:18px;color:#5b6070\">{}</p>",
                    escaped(words)
                )
            }
        };
    }
    html.push_str("</div></body></html>");
    (format!("{}\n", text.trim_end()), html)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_are_called_is_no_markup() {
        let said = [
            Paragraph::Words("Hello <b>\"Ada\"</b> & co".into()),
            Paragraph::Link("https://x.tn/reset?token=a&b".into(), "Choose"),
        ];
        let (text, html) = paragraphs(Language::English, &said);
        assert_eq!(text, "Hello <b>\"Ada\"</b> & co\n\nhttps://x.tn/reset?token=a&b\n");
        assert!(html.contains("Hello &lt;b&gt;&quot;Ada&quot;&lt;/b&gt; &amp; co"), "{html}");
        assert!(html.contains("href=\"https://x.tn/reset?token=a&amp;b\""), "{html}");
        assert!(html.contains("<html lang=\"en\">"));
    }

    #[test]
    fn a_letter_is_in_a_language_that_its_reader_knows() {
        for (tag, language) in [
            ("it", Language::Italian),
            ("IT-ch", Language::Italian),
            ("en-GB", Language::English),
            ("fr", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of(tag), language, "{tag}");
        }
    }
}
