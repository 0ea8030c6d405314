//! A contract: the list of an API's endpoints, its document, and answers compared with what its own server said.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use fakes::Socket;
use reqwest::Method;
use serde_json::Value;

use super::document::Document;
use crate::support::{Answer, Client};

pub(super) const PERSONALE: &str = include_str!("endpoints/personale.txt");
pub(super) const EXPRESS: &str = include_str!("endpoints/express.txt");
pub(super) const NEST: &str = include_str!("endpoints/nest.txt");
pub(super) const CHRONOCHAT: &str = include_str!("endpoints/chronochat.txt");
pub(super) const OPENAI: &str = include_str!("endpoints/openai.txt");
pub(super) const EXPRESS_EVENTS: &str = include_str!("endpoints/express-events.txt");
pub(super) const NEST_EVENTS: &str = include_str!("endpoints/nest-events.txt");

/// The lists, by the names of the documents.
const LISTS: [(&str, &str); 5] = [
    ("personale", PERSONALE),
    ("express", EXPRESS),
    ("nest", NEST),
    ("chronochat", CHRONOCHAT),
    ("openai", OPENAI),
];

/// What stands before an endpoint that is not served yet.
const LATER: &str = "later ";

fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The endpoints of one API, and those that a test has asked.
pub(super) struct Contract {
    endpoints: Vec<&'static str>,
    asked: RefCell<BTreeSet<&'static str>>,
    document: Document,
}

impl Contract {
    pub(super) fn of(list: &'static str) -> Self {
        let endpoints = lines(list).filter(|line| !line.starts_with(LATER)).collect();
        let (name, _) = LISTS.iter().find(|(_, one)| *one == list).unwrap();
        Self { endpoints, asked: RefCell::default(), document: Document::of(name) }
    }

    /// Asks an endpoint, `METHOD /path/{id}`, about `id`.
    pub(super) async fn ask(
        &self,
        client: &Client,
        endpoint: &'static str,
        id: &str,
        body: Option<Value>,
    ) -> Answer {
        assert!(self.endpoints.contains(&endpoint), "{endpoint} is not in the list");
        self.asked.borrow_mut().insert(endpoint);
        let (method, path) = endpoint.split_once(' ').unwrap();
        let path: Vec<&str> =
            path.split('/').map(|part| if part.starts_with('{') { id } else { part }).collect();
        let answer = client.send(method.parse::<Method>().unwrap(), &path.join("/"), body).await;
        self.document.describes(endpoint, &answer);
        answer
    }

    /// Every endpoint of the list was asked.
    pub(super) fn is_fulfilled(&self) {
        let asked = self.asked.borrow();
        let missing: Vec<_> = self.endpoints.iter().filter(|one| !asked.contains(*one)).collect();
        assert!(missing.is_empty(), "nobody asks {missing:?}");
    }
}

/// The events of one API, and those that a test has sent or heard.
pub(super) struct Events {
    events: Vec<&'static str>,
    seen: RefCell<BTreeSet<String>>,
}

impl Events {
    pub(super) fn of(list: &'static str) -> Self {
        Self { events: lines(list).collect(), seen: RefCell::default() }
    }

    fn see(&self, by: &str, event: &str) {
        let line = format!("{by} {event}");
        assert!(self.events.contains(&line.as_str()), "{line} is not in the list");
        self.seen.borrow_mut().insert(line);
    }

    /// Sends an event.
    pub(super) async fn emit(&self, socket: &mut Socket, event: &str, data: Value) {
        self.see("client", event);
        socket.emit(event, &data).await;
    }

    /// Sends an event and gives what is acknowledged.
    pub(super) async fn ask(&self, socket: &mut Socket, event: &str, data: Value) -> Value {
        self.see("client", event);
        socket.ask(event, &data).await
    }

    /// Expects this event next.
    pub(super) async fn hear(&self, socket: &mut Socket, event: &str) -> Value {
        let (name, data) = next(socket).await;
        assert_eq!(name, event, "{data}");
        self.see("server", &name);
        data
    }

    /// The events up to and with this one.
    pub(super) async fn hear_until(&self, socket: &mut Socket, event: &str) -> Vec<(String, Value)> {
        let mut heard = Vec::new();
        loop {
            let (name, data) = next(socket).await;
            self.see("server", &name);
            let is_last = name == event;
            heard.push((name, data));
            if is_last {
                return heard;
            }
        }
    }

    /// Every event of the list was sent or heard.
    pub(super) fn is_fulfilled(&self) {
        let seen = self.seen.borrow();
        let missing: Vec<_> = self.events.iter().filter(|one| !seen.contains(**one)).collect();
        assert!(missing.is_empty(), "nobody sends or hears {missing:?}");
    }
}

async fn next(socket: &mut Socket) -> (String, Value) {
    let heard = tokio::time::timeout(Duration::from_secs(30), socket.next()).await;
    heard.expect("an event comes").expect("the socket stays open")
}

#[test]
fn what_the_lists_name_is_served_unless_it_is_for_later() {
    let served: BTreeSet<String> =
        server::routes().into_iter().map(|(method, path)| format!("{method} {path}")).collect();
    for (_, list) in LISTS {
        for line in lines(list) {
            let is_due = !line.starts_with(LATER);
            let endpoint = line.strip_prefix(LATER).unwrap_or(line);
            assert_eq!(served.contains(endpoint), is_due, "{line}");
        }
    }
}

#[test]
fn a_document_shows_what_the_list_names_and_nothing_else() {
    let documents: BTreeMap<_, _> = server::documents().into_iter().collect();
    for (name, list) in LISTS {
        let listed: BTreeSet<String> =
            lines(list).filter(|line| !line.starts_with(LATER)).map(|line| line.replace("{*", "{")).collect();
        let paths = documents[name]["paths"].as_object().unwrap();
        let shown: BTreeSet<String> = paths
            .iter()
            .flat_map(|(path, item)| {
                item.as_object()
                    .unwrap()
                    .keys()
                    .map(move |method| format!("{} {path}", method.to_uppercase()))
            })
            .collect();
        assert_eq!(shown, listed, "{name}");
    }
}

/// Compares an answer with a recorded one, in which `<id>`, `<hex>`, `<int>`, `<time>` and `<text>` stand for what differs.
/// A member `...` means that there may be others.
pub(super) fn assert_like(actual: &Value, recorded: &Value) {
    let mut wrong = Vec::new();
    compare(actual, recorded, "", &mut wrong);
    assert!(wrong.is_empty(), "{}\nin {actual:#}", wrong.join("\n"));
}

fn compare(actual: &Value, recorded: &Value, place: &str, wrong: &mut Vec<String>) {
    match (actual, recorded) {
        (Value::Object(actual), Value::Object(recorded)) => {
            for (name, expected) in recorded.iter().filter(|(name, _)| *name != "...") {
                match actual.get(name) {
                    Some(found) => compare(found, expected, &format!("{place}/{name}"), wrong),
                    None => wrong.push(format!("{place}/{name} is missing")),
                }
            }
            if !recorded.contains_key("...") {
                let strange = actual.keys().filter(|name| !recorded.contains_key(*name));
                wrong.extend(strange.map(|name| format!("{place}/{name} should not be there")));
            }
        }
        (Value::Array(actual), Value::Array(recorded)) => {
            if actual.len() != recorded.len() {
                wrong.push(format!("{place} has {} items, not {}", actual.len(), recorded.len()));
            }
            for (index, (found, expected)) in actual.iter().zip(recorded).enumerate() {
                compare(found, expected, &format!("{place}/{index}"), wrong);
            }
        }
        (actual, Value::String(pattern)) if pattern.starts_with('<') => {
            let is_other = !is_like(actual, pattern);
            wrong.extend(is_other.then(|| format!("{place} is {actual}, not like {pattern}")));
        }
        (actual, recorded) if actual != recorded => {
            wrong.push(format!("{place} is {actual}, not {recorded}"));
        }
        _ => {}
    }
}

fn is_like(actual: &Value, pattern: &str) -> bool {
    let text = actual.as_str().unwrap_or_default();
    match pattern {
        "<id>" => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()),
        "<hex>" => text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "<int>" => actual.is_i64(),
        "<time>" => text.parse::<jiff::Timestamp>().is_ok(),
        "<text>" => !text.is_empty(),
        other => panic!("{other} stands for nothing"),
    }
}
