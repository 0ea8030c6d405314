//! What the fake was told to do, and what it does with a request because of it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::Router;

use crate::{Script, answer, question::Question, record::Record, router};

/// Everything that requests share.
#[derive(Debug)]
pub struct Stage {
    /// Tokens per second where nothing else is said; 0 is as fast as possible.
    pub(crate) rate: f64,
    record: Arc<Record>,
    told: Mutex<Told>,
}

#[derive(Debug)]
struct Told {
    queue: VecDeque<Script>,
    models_queue: VecDeque<Script>,
    models: Vec<String>,
    /// The only key that is taken, if one is set.
    key: Option<String>,
    /// How often a message with `times=` came.
    came: HashMap<String, u32>,
}

impl Stage {
    /// A fake that sends `rate` tokens per second where nothing else is said; 0 is as fast as possible.
    pub fn new(rate: f64) -> Self {
        let told = Told {
            queue: VecDeque::new(),
            models_queue: VecDeque::new(),
            models: ["fake", "fake-2", "fake-embed"].map(str::to_owned).into(),
            key: None,
            came: HashMap::new(),
        };
        Self { rate, record: Arc::default(), told: Mutex::new(told) }
    }

    /// Its routes.
    pub fn router(self: &Arc<Self>) -> Router {
        router::router(self.clone())
    }

    /// Puts a script into the queue.
    pub fn push(&self, script: Script) {
        self.told().queue.push_back(script);
    }

    /// Puts a script into the queue for lists of models, which heed `status`, `hold` and `html`.
    pub fn push_models(&self, script: impl Into<Script>) {
        self.told().models_queue.push_back(script.into());
    }

    /// The models that it offers.
    pub fn set_models<T: Into<String>>(&self, models: impl IntoIterator<Item = T>) {
        self.told().models = models.into_iter().map(Into::into).collect();
    }

    /// From now on requests need this key.
    pub fn set_key(&self, key: &str) {
        self.told().key = Some(key.to_owned());
    }

    /// Forgets requests, disconnects and scripts.
    pub fn clear(&self) {
        self.record.clear();
        let mut told = self.told();
        told.queue.clear();
        told.models_queue.clear();
        told.came.clear();
    }

    pub(crate) fn record(&self) -> &Arc<Record> {
        &self.record
    }

    pub(crate) fn models(&self) -> (Vec<String>, Option<Script>) {
        let mut told = self.told();
        (told.models.clone(), told.models_queue.pop_front())
    }

    pub(crate) fn takes_key(&self, key: &str) -> bool {
        self.told().key.as_ref().is_none_or(|expected| expected == key)
    }

    /// What to do with a text of which a vector is to be made.
    pub(crate) fn script_of(&self, text: &str) -> Result<Script, String> {
        let script = Script::in_message(text)?.unwrap_or_default();
        let Some(times) = script.times else { return Ok(script) };
        let mut told = self.told();
        let came = told.came.entry(text.to_owned()).or_default();
        *came += 1;
        Ok(if *came > times { Script::default() } else { script })
    }

    /// What to do with a question.
    pub(crate) fn script_for(&self, question: &Question) -> Result<Script, String> {
        if question.wants_title() {
            return Ok(Script { rate: Some(0.0), ..Script::text(title_for(question)) });
        }
        if let Some(script) = self.told().queue.pop_front() {
            return Ok(script);
        }
        if let Some((_, commands)) = question.model.split_once(':')
            && commands.contains('=')
        {
            return commands.replace(',', " ").parse();
        }
        let script = match Script::in_message(question.last())? {
            Some(script) => script,
            None => match answer::continued(question) {
                Some((script, after)) => Script { after, ..script.well_behaved() },
                None => Script::default(),
            },
        };
        let Some(times) = script.times else { return Ok(script) };
        let mut told = self.told();
        let came = told.came.entry(question.last().to_owned()).or_default();
        *came += 1;
        Ok(if *came > times { script.well_behaved() } else { script })
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn title_for(question: &Question) -> String {
    let commands = question.messages.iter().filter_map(|said| Script::in_message(&said.text).ok().flatten());
    commands.filter_map(|script| script.title).next_back().unwrap_or_else(|| "Fake title".to_owned())
}
