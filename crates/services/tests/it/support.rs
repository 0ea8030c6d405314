//! An app, a provider that plays scripts, and two people.

use std::time::Duration;

use domain::{ConversationId, Event, EventKind, LoginId, Message, MessageId, State, TurnId, UserRole};
use fakes::Fake;
use futures_util::StreamExt as _;
use services::{
    Actor, App, Config,
    chat::{self, Ask, Options, Sent, Watch},
    config::ProviderConfig,
    conversations::{self, Branch},
    testing::{BOTH, On, TestApp},
};

pub(crate) struct World {
    pub(crate) test: TestApp,
    pub(crate) fake: Fake,
    pub(crate) alice: Actor,
    pub(crate) bob: Actor,
}

/// Runs a test on each database, each time with a fresh world.
pub(crate) async fn on_both(test: impl AsyncFn(World)) {
    for on in BOTH {
        test(World::start(on).await).await;
    }
}

pub(crate) fn config_for(fake: &Fake) -> Config {
    let mut config = Config::default();
    config.chat.titles = false;
    // Some say more than a month of a plan allows; `quotas.rs` limits its own.
    config.billing.enforced = false;
    config.providers = vec![ProviderConfig {
        name: "fake".into(),
        protocol: "openai".into(),
        base_url: fake.base_url(),
        max_attempts: 1,
        ..ProviderConfig::default()
    }];
    config
}

impl World {
    pub(crate) async fn start(on: On) -> Self {
        let fake = Fake::start().await;
        Self::with(on, config_for(&fake), fake).await
    }

    pub(crate) async fn with(on: On, config: Config, fake: Fake) -> Self {
        let test = TestApp::start(on, config).await;
        let alice = person(&test.app, 1).await;
        let bob = person(&test.app, 2).await;
        Self { test, fake, alice, bob }
    }

    pub(crate) fn app(&self) -> &App {
        &self.test.app
    }

    /// Alice says something in a new conversation.
    pub(crate) async fn say(&self, text: &str) -> Sent {
        self.send(say(text, None), Options::default()).await
    }

    /// Alice says something more.
    pub(crate) async fn say_in(&self, conversation: ConversationId, text: &str) -> Sent {
        self.send(say(text, Some(conversation)), Options::default()).await
    }

    pub(crate) async fn send(&self, ask: Ask, options: Options) -> Sent {
        chat::send(self.app(), &self.alice, ask, options).await.unwrap()
    }

    /// What Alice sees in a conversation.
    pub(crate) async fn branch(&self, conversation: ConversationId) -> Vec<Message> {
        let all = Branch { leaf: None, limit: 1_000 };
        conversations::branch(self.app(), &self.alice, conversation, all).await.unwrap().items
    }

    pub(crate) async fn message(&self, id: MessageId) -> Message {
        store::messages::find(&self.app().db, self.alice.user, id).await.unwrap().unwrap()
    }

    /// Follows a turn from behind `after` to its end.
    pub(crate) async fn follow(&self, turn: TurnId, after: i64) -> Vec<Event> {
        match chat::watch(self.app(), &self.alice, turn, after).await.unwrap() {
            Watch::Over => Vec::new(),
            Watch::Events(events) => events.collect().await,
        }
    }
}

async fn person(app: &App, id: i64) -> Actor {
    let user = store::test::given::user(&app.db, id).await;
    Actor { user, role: UserRole::User, login: LoginId(id), key: None }
}

pub(crate) fn say(text: &str, conversation: Option<ConversationId>) -> Ask {
    Ask::Say { text: text.into(), conversation, parent: None, files: Vec::new() }
}

/// The ids in a `start` event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begun {
    pub(crate) turn: TurnId,
    pub(crate) conversation: ConversationId,
    pub(crate) question: MessageId,
    pub(crate) answer: MessageId,
}

/// Reads the first event, which is `start`.
pub(crate) async fn begun(sent: &mut Sent) -> Begun {
    let first = sent.events.next().await.unwrap();
    assert_eq!(first.seq, 1);
    match first.kind {
        EventKind::Start { turn_id, conversation_id, user_message_id, message_id, .. } => Begun {
            turn: turn_id,
            conversation: conversation_id,
            question: user_message_id,
            answer: message_id,
        },
        other => panic!("{other:?} came first"),
    }
}

/// Reads to the end: the text of all chunks, and the state in `done`.
pub(crate) async fn finish(sent: Sent) -> (String, State) {
    let events: Vec<Event> = sent.events.collect().await;
    (text_of(&events), state_of(&events))
}

pub(crate) fn text_of(events: &[Event]) -> String {
    let texts = events.iter().filter_map(|event| match &event.kind {
        EventKind::Chunk(text) => Some(text.clone()),
        EventKind::Snapshot(message) => Some(message.parts.text()),
        _ => None,
    });
    texts.collect()
}

pub(crate) fn state_of(events: &[Event]) -> State {
    match &events.last().unwrap().kind {
        EventKind::Done { state, .. } => *state,
        other => panic!("{other:?} came last"),
    }
}

/// The numbers are 1, 2, 3 … from behind `after`.
pub(crate) fn assert_unbroken(events: &[Event], after: i64) {
    for (at, event) in events.iter().enumerate() {
        assert_eq!(event.seq, after + 1 + i64::try_from(at).unwrap());
    }
}

/// Waits for something that comes true by itself, at most for `limit`.
pub(crate) async fn within(limit: Duration, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let end = tokio::time::Instant::now() + limit;
    while !is_so().await {
        assert!(tokio::time::Instant::now() < end, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// `t00001 t00002 …`, as the provider says it.
pub(crate) fn tokens(count: usize) -> String {
    (1..=count).map(|n| format!("t{n:05}")).collect::<Vec<_>>().join(" ")
}
