//! Routes that know their own list, for client APIs that the document does not describe.

use std::future::ready;

use axum::{
    Extension, Router,
    handler::Handler,
    http::Method,
    middleware,
    routing::{MethodFilter, on},
};
use services::App;

use super::{
    limits::BodyLimit,
    words::{Words, reword},
};

/// Some routes, and the list of them.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    list: Vec<(Method, &'static str)>,
    router: Router<App>,
}

impl Routes {
    pub(crate) fn get<T: 'static>(self, path: &'static str, handler: impl Handler<T, App>) -> Self {
        self.add(Method::GET, MethodFilter::GET, path, handler)
    }

    pub(crate) fn post<T: 'static>(self, path: &'static str, handler: impl Handler<T, App>) -> Self {
        self.add(Method::POST, MethodFilter::POST, path, handler)
    }

    pub(crate) fn put<T: 'static>(self, path: &'static str, handler: impl Handler<T, App>) -> Self {
        self.add(Method::PUT, MethodFilter::PUT, path, handler)
    }

    pub(crate) fn patch<T: 'static>(self, path: &'static str, handler: impl Handler<T, App>) -> Self {
        self.add(Method::PATCH, MethodFilter::PATCH, path, handler)
    }

    pub(crate) fn delete<T: 'static>(self, path: &'static str, handler: impl Handler<T, App>) -> Self {
        self.add(Method::DELETE, MethodFilter::DELETE, path, handler)
    }

    fn add<T: 'static>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        handler: impl Handler<T, App>,
    ) -> Self {
        self.list.push((method, path));
        self.router = self.router.route(path, on(filter, handler));
        self
    }

    /// Refusals are said in these words.
    pub(crate) fn in_words(mut self, words: Words) -> Self {
        let reworded = middleware::map_response(move |response| ready(reword(response, words)));
        self.router = self.router.layer(reworded);
        self
    }

    /// Bodies may have so many bytes.
    pub(crate) fn with_bodies_of(mut self, bytes: usize) -> Self {
        self.router = self.router.layer(Extension(BodyLimit(bytes)));
        self
    }

    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.list.extend(other.list);
        self.router = self.router.merge(other.router);
        self
    }

    /// The methods and paths.
    pub(crate) fn list(&self) -> &[(Method, &'static str)] {
        &self.list
    }

    pub(crate) fn into_router(self) -> Router<App> {
        self.router
    }
}
