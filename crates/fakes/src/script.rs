//! What the fake does with one request.

use std::str::FromStr;

use bytes::Bytes;

/// What the fake does with one request. Each field is a command of the same name, such as `[tokens=200 cut=50]`;
/// counts of tokens count from 1, so `cut=3` cuts behind the third.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    /// Answer with so many tokens, `t00001 t00002 …`, each a chunk.
    pub tokens: Option<usize>,
    /// Tokens per second; 0 is as fast as possible.
    pub rate: Option<f64>,
    /// Milliseconds between the headers and the first token.
    pub delay: u64,
    /// Milliseconds before the headers.
    pub hold: u64,
    /// Each token is the moment at which it is written, in microseconds since 1970, and a space.
    pub clock: bool,
    /// Think so many words first, `r00001 r00002 …`.
    pub reasoning: usize,
    /// Refuse with this HTTP status. 401 and 403 quote the key, as bad servers do.
    pub status: Option<u16>,
    /// The `Retry-After` header of a refusal, as it is (`_` stands for a space).
    pub retry_after: Option<String>,
    /// Cut the connection after so many tokens.
    pub cut: Option<usize>,
    /// Close it cleanly after so many tokens, without a finish reason or end mark.
    pub end: Option<usize>,
    /// Stall for ever after so many tokens.
    pub hang: Option<usize>,
    /// Send an event of broken JSON after so many tokens, then go on.
    pub malformed: Option<usize>,
    /// Send an error object after so many tokens, then close.
    pub error: Option<usize>,
    /// Send the token with this number twice.
    pub dup: Option<usize>,
    /// Send one event of so many bytes of text before the answer.
    pub huge: Option<usize>,
    /// One byte per write.
    pub chop: bool,
    /// A web page with status 200.
    pub html: bool,
    /// The whole answer as JSON although a stream was asked for.
    pub json: bool,
    /// No usage figures.
    pub nousage: bool,
    /// Negative usage figures.
    pub negusage: bool,
    /// No end mark (`[DONE]`, `message_stop`).
    pub nodone: bool,
    /// No finish reason.
    pub nofinish: bool,
    /// The end mark, and then the connection stays open for ever.
    pub linger: bool,
    /// Call these tools, with a `+` between two names, unless their results are there already.
    pub toolcall: Option<String>,
    /// Call them in so many rounds, one after the results of the other; 0 is 1.
    pub rounds: usize,
    /// Say so many words before a call, `t00001 t00002 …`.
    pub lead: usize,
    /// The arguments of calls are broken JSON.
    pub badargs: bool,
    /// Call tools although the request says not to.
    pub stubborn: bool,
    /// The value of every text argument of that call.
    pub args: Option<String>,
    /// Pieces of tool calls carry no index.
    pub noindex: bool,
    /// A U+0000 behind each token.
    pub nul: bool,
    /// Comment lines between events.
    pub comments: bool,
    /// Lines end in CR LF.
    pub crlf: bool,
    /// Lines end in CR.
    pub cr: bool,
    /// A second choice that says something else.
    pub choices: bool,
    /// The content type is `text/plain`.
    pub wrongtype: bool,
    /// One vector fewer than there are texts.
    pub fewer: bool,
    /// Refuse requests that hold `stream_options`.
    pub strict: bool,
    /// Misbehave only the first so many times that this message comes.
    pub times: Option<u32>,
    /// The title for this conversation (`_` stands for a space).
    pub title: Option<String>,
    /// The answer word for word. Only in the library.
    pub text: Option<String>,
    /// A response body byte for byte, one write each. Only in the library.
    pub raw: Option<Vec<Bytes>>,
    /// Go on behind the token with this number; found out from the conversation.
    pub(crate) after: usize,
}

impl Script {
    /// An answer of so many tokens.
    pub fn tokens(tokens: usize) -> Self {
        Self { tokens: Some(tokens), ..Self::default() }
    }

    /// An answer word for word.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// A response body byte for byte, one write per item.
    pub fn raw<B: Into<Bytes>>(writes: impl IntoIterator<Item = B>) -> Self {
        Self { raw: Some(writes.into_iter().map(Into::into).collect()), ..Self::default() }
    }

    /// The commands in `text`, if there are any.
    ///
    /// # Errors
    /// A group in brackets that begins with a command and holds something else.
    pub fn in_message(text: &str) -> Result<Option<Self>, String> {
        for group in text.split('[').skip(1).filter_map(|rest| rest.split_once(']')) {
            let words: Vec<_> = group.0.split_whitespace().collect();
            let Some((first, _)) = words.first().and_then(|word| word.split_once('=')) else { continue };
            if KEYS.contains(&first) {
                return group.0.parse().map(Some);
            }
        }
        Ok(None)
    }

    /// The same answer without any misbehaviour.
    pub(crate) fn well_behaved(&self) -> Self {
        Self {
            tokens: self.tokens,
            rate: self.rate,
            reasoning: self.reasoning,
            toolcall: self.toolcall.clone(),
            rounds: self.rounds,
            lead: self.lead,
            args: self.args.clone(),
            title: self.title.clone(),
            text: self.text.clone(),
            after: self.after,
            ..Self::default()
        }
    }
}

const KEYS: &[&str] = &[
    "tokens",
    "rate",
    "delay",
    "hold",
    "reasoning",
    "status",
    "retry_after",
    "cut",
    "end",
    "hang",
    "malformed",
    "error",
    "dup",
    "huge",
    "chop",
    "html",
    "json",
    "nousage",
    "negusage",
    "nodone",
    "nofinish",
    "linger",
    "toolcall",
    "rounds",
    "lead",
    "badargs",
    "stubborn",
    "args",
    "noindex",
    "nul",
    "comments",
    "crlf",
    "cr",
    "clock",
    "choices",
    "wrongtype",
    "fewer",
    "strict",
    "times",
    "title",
];

impl FromStr for Script {
    type Err = String;

    /// Reads commands: `key=value`, separated by spaces.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut script = Self::default();
        for word in text.split_whitespace() {
            let (key, value) = word.split_once('=').ok_or_else(|| format!("`{word}` is not key=value"))?;
            script
                .set(key, value)
                .ok_or_else(|| format!("`{word}` is not a command of the fake provider"))?;
        }
        Ok(script)
    }
}

impl From<&str> for Script {
    /// # Panics
    /// If the commands are wrong: that is a mistake in a test.
    fn from(commands: &str) -> Self {
        commands.parse().unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Script {
    fn set(&mut self, key: &str, value: &str) -> Option<()> {
        let flag = || matches!(value, "1" | "true");
        let words = || Some(value.replace('_', " "));
        match key {
            "tokens" => self.tokens = Some(value.parse().ok()?),
            "rate" => self.rate = Some(value.parse().ok().filter(|rate| *rate >= 0.0)?),
            "delay" => self.delay = value.parse().ok()?,
            "hold" => self.hold = value.parse().ok()?,
            "reasoning" => self.reasoning = value.parse().ok()?,
            "status" => self.status = Some(value.parse().ok().filter(|status| (200..600).contains(status))?),
            "retry_after" => self.retry_after = words(),
            "cut" => self.cut = Some(value.parse().ok()?),
            "end" => self.end = Some(value.parse().ok()?),
            "hang" => self.hang = Some(value.parse().ok()?),
            "malformed" => self.malformed = Some(value.parse().ok()?),
            "error" => self.error = Some(value.parse().ok()?),
            "dup" => self.dup = Some(value.parse().ok()?),
            "huge" => self.huge = Some(value.parse().ok()?),
            "chop" => self.chop = flag(),
            "html" => self.html = flag(),
            "json" => self.json = flag(),
            "nousage" => self.nousage = flag(),
            "negusage" => self.negusage = flag(),
            "nodone" => self.nodone = flag(),
            "nofinish" => self.nofinish = flag(),
            "linger" => self.linger = flag(),
            "toolcall" => self.toolcall = Some(value.parse().ok()?),
            "rounds" => self.rounds = value.parse().ok()?,
            "lead" => self.lead = value.parse().ok()?,
            "badargs" => self.badargs = flag(),
            "stubborn" => self.stubborn = flag(),
            "args" => self.args = words(),
            "noindex" => self.noindex = flag(),
            "nul" => self.nul = flag(),
            "comments" => self.comments = flag(),
            "crlf" => self.crlf = flag(),
            "cr" => self.cr = flag(),
            "clock" => self.clock = flag(),
            "choices" => self.choices = flag(),
            "wrongtype" => self.wrongtype = flag(),
            "fewer" => self.fewer = flag(),
            "strict" => self.strict = flag(),
            "times" => self.times = Some(value.parse().ok()?),
            "title" => self.title = words(),
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_in_a_message() {
        let found =
            Script::in_message("Please [see 1] answer [tokens=200 rate=40 cut=5 chop=1 title=Nice_words]")
                .unwrap();
        let expected = Script {
            tokens: Some(200),
            rate: Some(40.0),
            cut: Some(5),
            chop: true,
            title: Some("Nice words".to_owned()),
            ..Script::default()
        };
        assert_eq!(found, Some(expected));
        assert_eq!(Script::in_message("a[i] = b[x=1] and [link](http://x)"), Ok(None));
        assert!(Script::in_message("[tokens=5 rat=1]").is_err());
    }

    #[test]
    fn every_command_is_known_and_listed() {
        for key in KEYS {
            assert!(Script::default().set(key, "1").is_some() || *key == "status", "{key}");
        }
    }
}
