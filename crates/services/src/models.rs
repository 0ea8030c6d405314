//! The models that can be asked: fetched in the background, cached, shown as unavailable when their provider is down.

use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock, RwLockReadGuard},
    time::Duration,
};

use domain::ModelCard;
use providers::{DynProvider, ProviderConfig};
use tokio::sync::watch;

use crate::{App, Config, Error, Result, plans::Grant};

/// How soon a provider that did not answer is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(15);
/// How long a send waits for the first list of models after a start.
const FIRST_LIST: Duration = Duration::from_secs(3);
/// How long a provider may take to list its models.
const LIST_LIMIT: Duration = Duration::from_secs(10);

/// The name of the built-in model, and of its protocol.
const DEMO: &str = "demo";

/// All configured providers and what they offered last.
pub struct Models {
    providers: Vec<Configured>,
    default: Option<String>,
    /// Who answers instead of a model that fails.
    fallback: Option<String>,
    /// The built-in demo, if it is that one and nobody else offers it.
    demo: Option<Configured>,
    /// Counts the refreshes of all providers; 0 before the first.
    refreshed: watch::Sender<u64>,
}

struct Configured {
    name: String,
    provider: DynProvider,
    listed: RwLock<Listed>,
}

#[derive(Default)]
struct Listed {
    cards: Vec<ModelCard>,
    /// Whether it answered the last time it was asked.
    available: bool,
}

/// A model to ask, and whom.
pub struct Chosen {
    /// Who answers.
    pub provider: DynProvider,
    /// The model's name as the vendor knows it.
    pub vendor_model: String,
    /// How many tokens it reads, if known.
    pub context: Option<i64>,
    /// Whether it sees images, if known.
    pub vision: Option<bool>,
    /// Whether it is known to call tools.
    pub tools: bool,
}

impl Models {
    /// Opens the configured providers; without any, the built-in demo.
    pub(crate) fn open(config: &Config) -> Result<Self> {
        let demo = [ProviderConfig::demo()];
        let configs = if config.providers.is_empty() { &demo[..] } else { &config.providers[..] };
        let providers = configs.iter().map(Configured::open).collect::<Result<_>>()?;
        let fallback = config.chat.fallback_model.clone().filter(|name| !name.is_empty());
        let needs_demo =
            fallback.as_deref() == Some(DEMO) && configs.iter().all(|config| config.protocol != DEMO);
        let demo = if needs_demo { Some(Configured::open(&demo[0])?) } else { None };
        let default = config.chat.default_model.clone();
        Ok(Self { providers, default, fallback, demo, refreshed: watch::channel(0).0 })
    }

    /// What can be asked, in the order of the configuration. A model that two providers offer is listed by the second
    /// as `<provider>/<model>`.
    pub fn list(&self) -> Vec<ModelCard> {
        self.cards(|card| !card.capabilities.embeddings)
    }

    /// What makes vectors of texts, in the same order and by the same names.
    pub fn of_embeddings(&self) -> Vec<ModelCard> {
        self.cards(|card| card.capabilities.embeddings)
    }

    fn cards(&self, is_wanted: impl Fn(&ModelCard) -> bool) -> Vec<ModelCard> {
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for configured in &self.providers {
            let listed = configured.read();
            for card in listed.cards.iter().filter(|card| is_wanted(card)) {
                let mut card = ModelCard {
                    provider: configured.name.clone(),
                    available: listed.available,
                    ..card.clone()
                };
                if !seen.insert(card.id.clone()) {
                    card.id = format!("{}/{}", configured.name, card.id);
                }
                all.push(card);
            }
        }
        all
    }

    /// The model that answers an account when nobody names one: the default one, else the first that its plan allows.
    pub fn default_for(&self, grant: &Grant) -> Option<String> {
        let allows = |id: &str| grant.allows_model(&self.listed_name(id));
        self.default.clone().filter(|id| allows(id)).or_else(|| {
            let mut list = self.list();
            list.retain(|card| grant.allows_model(&card.id));
            list.iter().find(|card| card.available).or_else(|| list.first()).map(|card| card.id.clone())
        })
    }

    /// The name that a model is listed by, for any name that it is asked by.
    fn listed_name(&self, id: &str) -> String {
        let Some((configured, card)) = self.listed(id, false) else { return id.to_owned() };
        let (own, _) = self.listed(&card.id, false).unwrap_or((configured, card.clone()));
        if std::ptr::eq(own, configured) { card.id } else { format!("{}/{}", configured.name, card.id) }
    }

    /// The model that answers when nobody names one.
    pub fn default_model(&self) -> Option<String> {
        self.default.clone().or_else(|| {
            let list = self.list();
            list.iter().find(|card| card.available).or_else(|| list.first()).map(|card| card.id.clone())
        })
    }

    /// The model that a client named, if it can be asked for: some clients name models that are not offered here, and mean
    /// the default one by them.
    pub fn offered(&self, named: Option<String>) -> Option<String> {
        named.filter(|id| self.find(id).is_ok())
    }

    /// Finds a model by its listed name, or as `<provider>/<model>`. A provider that has never listed its models is asked
    /// for whatever is named.
    pub(crate) fn find(&self, id: &str) -> Result<Chosen> {
        if let Some((configured, card)) = self.listed(id, false) {
            return Ok(configured.chosen(&card.id, Some(&card)));
        }
        if self.listed(id, true).is_some() {
            return Err(Error::unfit("model", format!("{id:?} makes vectors of texts and does not chat")));
        }
        if let Some((name, model)) = id.split_once('/')
            && let Some(configured) = self.providers.iter().find(|one| one.name == name)
        {
            return Ok(configured.chosen(model, None));
        }
        match self.providers.iter().find(|one| one.read().cards.is_empty()) {
            Some(configured) => Ok(configured.chosen(id, None)),
            None => {
                Err(Error::unfit("model", format!("{id:?} is not offered here; GET models lists what is")))
            }
        }
    }

    /// Who answers instead of a model that fails, and by which name; nobody instead of itself.
    pub(crate) fn stand_in(&self, model: &str) -> Option<(String, Chosen)> {
        let name = self.fallback.as_deref().filter(|name| *name != model)?;
        let chosen = match &self.demo {
            Some(demo) if self.listed(name, false).is_none() => demo.chosen(DEMO, None),
            _ => self.find(name).ok()?,
        };
        Some((name.to_owned(), chosen))
    }

    /// Whether this is a model that makes vectors of texts.
    pub fn makes_vectors(&self, id: &str) -> bool {
        self.listed(id, true).is_some()
    }

    /// Finds a model that makes vectors of texts, by the same names. One is never asked for that is not listed.
    pub(crate) fn find_of_embeddings(&self, id: &str) -> Option<Chosen> {
        self.listed(id, true).map(|(configured, card)| configured.chosen(&card.id, Some(&card)))
    }

    /// Who lists a model of this name, or of the name behind the provider's.
    fn listed(&self, id: &str, embeds: bool) -> Option<(&Configured, ModelCard)> {
        let of = |one: &Configured, model: &str| {
            one.card(model).filter(|card| card.capabilities.embeddings == embeds)
        };
        let plain = self.providers.iter().find_map(|one| Some((one, of(one, id)?)));
        plain.or_else(|| {
            let (name, model) = id.split_once('/')?;
            let configured = self.providers.iter().find(|one| one.name == name)?;
            Some((configured, of(configured, model)?))
        })
    }

    /// Waits a moment for the first list of models after a start.
    pub(crate) async fn first_list(&self) {
        let mut refreshed = self.refreshed.subscribe();
        if self.providers.iter().all(|one| one.read().cards.is_empty()) {
            let _ = tokio::time::timeout(FIRST_LIST, refreshed.wait_for(|count| *count > 0)).await;
        }
    }

    /// The model for a send within a plan: the one asked for, else the preferred one if it is offered and allowed, else the
    /// default of those that are allowed.
    pub(crate) fn choose_within(
        &self,
        grant: &Grant,
        asked: Option<&str>,
        preferred: Option<&str>,
    ) -> Result<String> {
        if asked.is_none() {
            let is_fit = |id: &str| self.find(id).is_ok() && grant.allows_model(&self.listed_name(id));
            if let Some(preferred) = preferred.filter(|id| is_fit(id)) {
                return Ok(preferred.to_owned());
            }
            if let Some(default) = self.default_for(grant) {
                return Ok(default);
            }
        }
        let model = self.choose(asked, None)?;
        if grant.allows_model(&self.listed_name(&model)) {
            return Ok(model);
        }
        let plan = &grant.plan.name;
        Err(Error::forbidden(
            "model_not_in_plan",
            format!(
                "The plan {plan} does not include the model {model:?}. Choose another model or a larger plan."
            ),
        ))
    }

    /// The model for a send: the one asked for, else the preferred one if it is offered, else the default.
    pub(crate) fn choose(&self, asked: Option<&str>, preferred: Option<&str>) -> Result<String> {
        if let Some(asked) = asked {
            return self.find(asked).map(|_| asked.to_owned());
        }
        if let Some(preferred) = preferred.filter(|model| self.find(model).is_ok()) {
            return Ok(preferred.to_owned());
        }
        self.default_model().ok_or_else(|| Error::Unavailable {
            code: "no_model",
            message: "No model can be reached now. Nothing was sent; try again in a moment.".into(),
        })
    }
}

impl Configured {
    fn open(config: &ProviderConfig) -> Result<Self> {
        let provider = providers::open(config).map_err(Error::internal)?;
        Ok(Self { name: config.name.clone(), provider, listed: RwLock::default() })
    }

    fn card(&self, model: &str) -> Option<ModelCard> {
        self.read().cards.iter().find(|card| card.id == model).cloned()
    }

    fn chosen(&self, vendor_model: &str, card: Option<&ModelCard>) -> Chosen {
        Chosen {
            provider: self.provider.clone(),
            vendor_model: vendor_model.to_owned(),
            context: card.and_then(|card| card.context),
            vision: card.map(|card| card.capabilities.vision),
            tools: card.is_some_and(|card| card.capabilities.tools),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Listed> {
        self.listed.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the list. A provider that does not answer keeps its old one, as unavailable. Says whether it did.
    async fn refresh(&self) -> bool {
        let asked = tokio::time::timeout(LIST_LIMIT, self.provider.models()).await;
        let mut listed = self.listed.write().unwrap_or_else(PoisonError::into_inner);
        match asked {
            Ok(Ok(cards)) => {
                *listed = Listed { cards, available: true };
                true
            }
            Ok(Err(error)) => {
                if listed.available || listed.cards.is_empty() {
                    tracing::warn!(provider.name = self.name, %error, "a provider did not list its models");
                }
                listed.available = false;
                false
            }
            Err(_) => {
                tracing::warn!(provider.name = self.name, "a provider took too long to list its models");
                listed.available = false;
                false
            }
        }
    }
}

/// Asks all providers again and again until the app stops. A dead one delays nobody.
pub(crate) async fn refresh(app: App) {
    let pause = Duration::from_secs(app.config.chat.models_refresh_seconds.max(1));
    loop {
        let all = futures_util::future::join_all(app.models.providers.iter().map(Configured::refresh));
        let answered = tokio::select! {
            () = app.stopping().cancelled() => return,
            answered = all => answered,
        };
        app.models.refreshed.send_modify(|count| *count += 1);
        let pause = if answered.iter().all(|ok| *ok) { pause } else { pause.min(ASK_AGAIN) };
        tokio::select! {
            () = app.stopping().cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
