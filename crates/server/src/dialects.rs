//! One module per client API: each translates between its clients' words and the use cases, and holds no rule.

pub(crate) mod chronochat;
pub(crate) mod express;
pub(crate) mod joint;
pub(crate) mod native;
pub(crate) mod nest;
pub(crate) mod openai;
pub(crate) mod personale;
