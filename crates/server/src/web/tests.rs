use super::*;

fn get(path: &str, headers: &[(&str, &str)]) -> Option<Response<Body>> {
    ask(&Method::GET, path, headers)
}

fn ask(method: &Method, path: &str, headers: &[(&str, &str)]) -> Option<Response<Body>> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(
            header::HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    answer(method, path, &map, true)
}

fn text(response: &Response<Body>, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

async fn length(response: Response<Body>) -> usize {
    axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().len()
}

fn opener_policy(is_secure: bool) -> String {
    let response = answer(&Method::GET, "/", &HeaderMap::new(), is_secure).unwrap();
    text(&response, "cross-origin-opener-policy")
}

#[test]
fn openers_are_spoken_of_where_browsers_listen() {
    assert_eq!((opener_policy(true).as_str(), opener_policy(false).as_str()), ("same-origin", ""));
}

/// A file under `/assets/`, if this build has the web app.
fn an_asset() -> Option<String> {
    Files::iter()
        .find(|name| name.starts_with(ASSETS) && name.ends_with(".js"))
        .map(|name| format!("/{name}"))
}

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

#[tokio::test]
async fn every_path_of_the_app_is_the_page() {
    for path in ["/", "/index.html", "/login", "/register", "/reset", "/c/7312094", "/settings/account"] {
        let response = get(path, &[BROWSER]).unwrap();
        assert_eq!(
            (response.status(), text(&response, "content-type")),
            (StatusCode::OK, "text/html; charset=utf-8".into())
        );
        assert_eq!(text(&response, "cache-control"), "no-cache");
        assert_eq!(text(&response, "content-length"), length(response).await.to_string());
    }
    assert!(get("/c/1", &[("accept", "*/*")]).is_some(), "curl sees the page too");
}

#[test]
fn search_engines_are_kept_from_what_links_show() {
    let robots = |path| text(&get(path, &[BROWSER]).unwrap(), "x-robots-tag");
    for path in ["/s/3f9a", "/invite/3f9a"] {
        assert_eq!(robots(path), "noindex, nofollow", "{path}");
    }
    assert_eq!(
        text(&ask(&Method::HEAD, "/s/3f9a", &[BROWSER]).unwrap(), "x-robots-tag"),
        "noindex, nofollow"
    );
    for path in ["/", "/login", "/settings/data"] {
        assert_eq!(robots(path), "", "{path}");
    }
}

#[test]
fn what_is_no_page_is_left_to_others() {
    assert!(ask(&Method::POST, "/login", &[BROWSER]).is_none());
    assert!(get("/c/1", &[("accept", "application/json")]).is_none());
    assert!(get("/missing.js", &[("accept", "*/*")]).is_none());
    assert!(get("/index.html.br", &[("accept", "*/*")]).is_none());
}

#[tokio::test]
async fn an_unknown_asset_is_never_the_page() {
    let response = get("/assets/index-0000.js", &[BROWSER]).unwrap();
    assert_eq!(
        (response.status(), text(&response, "cache-control")),
        (StatusCode::NOT_FOUND, "no-store".into())
    );
}

#[test]
fn what_the_client_has_is_not_sent_again() {
    let etag = text(&get("/", &[]).unwrap(), "etag");
    assert!(!etag.is_empty());
    for has in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".into()] {
        let response = get("/login", &[BROWSER, ("if-none-match", &has)]).unwrap();
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{has}");
        assert_eq!(text(&response, "content-type"), "");
    }
    assert_eq!(get("/", &[("if-none-match", "\"other\"")]).unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn head_says_what_get_would_send() {
    let (head, get) = (ask(&Method::HEAD, "/", &[BROWSER]).unwrap(), get("/", &[BROWSER]).unwrap());
    assert_eq!(head.headers(), get.headers());
    assert_eq!(length(head).await, 0);
}

#[tokio::test]
async fn assets_are_compressed_and_kept_for_good() {
    let Some(asset) = an_asset() else { return };
    let plain = get(&asset, &[]).unwrap();
    assert_eq!(text(&plain, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(text(&plain, "content-type"), "text/javascript; charset=utf-8");
    assert_eq!(text(&plain, "content-encoding"), "");
    let plain = length(plain).await;
    for (accept, encoding) in [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip")]
    {
        let response = get(&asset, &[("accept-encoding", accept)]).unwrap();
        assert_eq!(
            (text(&response, "content-encoding"), text(&response, "vary")),
            (encoding.into(), "Accept-Encoding".into())
        );
        let announced: usize = text(&response, "content-length").parse().unwrap();
        let sent = length(response).await;
        assert!(sent == announced && sent < plain, "{sent} of {plain}");
    }
}

#[test]
fn the_page_trusts_its_own_scripts_and_nothing_else() {
    let response = get("/", &[BROWSER]).unwrap();
    let policy = text(&response, "content-security-policy");
    for rule in [
        "default-src 'none'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "worker-src 'self'",
        "frame-src 'self'",
        "img-src 'self' data: blob:",
        "require-trusted-types-for 'script'",
        "trusted-types colloquy-workers colloquy-entities",
    ] {
        assert!(policy.split("; ").any(|found| found == rule), "{rule} in {policy}");
    }
    assert!(!policy.contains("unsafe-eval") && !policy.contains("script-src 'self' 'unsafe-inline'"));
    assert_eq!(text(&response, "x-content-type-options"), "nosniff");
    assert_eq!(text(&response, "referrer-policy"), "no-referrer");
    assert_eq!(text(&response, "cross-origin-opener-policy"), "same-origin");

    let page = Files::get(PAGE).unwrap().data;
    let scripts = inline_scripts(std::str::from_utf8(&page).unwrap()).count();
    assert_eq!(policy.matches("'sha256-").count(), scripts);
}

#[test]
fn a_worker_asks_the_server_and_does_nothing_else() {
    let workers: Vec<_> =
        Files::iter().filter(|name| name.starts_with(WORKERS) && name.ends_with(".js")).collect();
    for asset in Files::iter().filter(|name| name.starts_with(ASSETS) && !is_packed(name)) {
        let policy = text(&get(&format!("/{asset}"), &[]).unwrap_or_default(), "content-security-policy");
        let has_its_own = asset.starts_with(WORKERS) || asset.starts_with(SANDBOXED);
        assert_eq!(policy.is_empty(), !has_its_own, "{asset}: {policy}");
    }
    if an_asset().is_some() {
        assert_eq!(workers.len(), 1, "{workers:?}");
    }
    if let Some(response) = get("/sw.js", &[]).filter(|_| Files::get(SERVICE_WORKER).is_some()) {
        assert_eq!(text(&response, "content-security-policy"), WORKER_POLICY.to_str().unwrap());
        assert_eq!(text(&response, "cache-control"), "no-cache");
    }
    for rule in WORKER_POLICY.to_str().unwrap().split("; ") {
        let allowed = ["connect-src 'self'", "require-trusted-types-for 'script'"];
        assert!(rule.ends_with(" 'none'") || allowed.contains(&rule), "{rule}");
    }
}

#[test]
fn a_sandboxed_page_has_no_origin_and_reaches_nobody() {
    let pages: Vec<_> =
        Files::iter().filter(|name| name.starts_with(SANDBOXED) && !is_packed(name)).collect();
    if an_asset().is_some() {
        assert_eq!(pages.len(), 2, "{pages:?}");
    }
    for name in pages {
        let response = get(&format!("/{name}"), &[BROWSER]).unwrap();
        let policy = text(&response, "content-security-policy");
        let rules: Vec<_> = policy.split("; ").collect();
        for rule in
            ["default-src 'none'", "sandbox allow-scripts", "frame-ancestors 'self'", "base-uri 'none'"]
        {
            assert!(rules.contains(&rule), "{rule} in {policy}");
        }
        assert!(!policy.contains("'self';") || policy.matches("'self'").count() == 1, "{policy}");
        let loads_images = !rules.contains(&"img-src 'none'");
        assert_eq!(loads_images, name.contains("/picture-"), "{name}: {policy}");
        assert!(!policy.contains("connect-src") && !policy.contains("eval"), "{policy}");
        assert_eq!(policy.matches("'sha256-").count(), 1, "{policy}");
        assert_eq!(text(&response, "referrer-policy"), "no-referrer");
        assert_eq!(text(&response, "content-type"), "text/html; charset=utf-8");
    }
}

#[test]
fn the_pages_that_show_the_api_load_scripts_from_here_alone() {
    for name in ["docs", "redoc"] {
        let response = reference(name, &HeaderMap::new());
        assert_eq!(text(&response, "content-type"), "text/html; charset=utf-8");
        let policy = text(&response, "content-security-policy");
        assert!(policy.contains("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("eval") && !policy.contains("http"), "{policy}");
        let page = Files::get(&format!("reference/{name}.html")).unwrap().data;
        assert_eq!(inline_scripts(std::str::from_utf8(&page).unwrap()).count(), 0);
    }
    for name in Files::iter().filter(|name| name.starts_with(REFERENCE)) {
        let response = get(&format!("/{}", name.trim_end_matches(".gz")), &[]).unwrap();
        assert_eq!(text(&response, "content-encoding"), "gzip", "{name}");
        assert_eq!(text(&response, "content-length"), Files::get(&name).unwrap().data.len().to_string());
    }
}

#[test]
fn inline_scripts_are_found_whole() {
    let page = "<script>a()</script><script type=\"module\" src=\"/x.js\"></script><script type=\"module\">b(1>0)</script>";
    assert_eq!(inline_scripts(page).collect::<Vec<_>>(), ["a()", "b(1>0)"]);
}
