//! Pages that strangers name: what is fetched, and above all what is not.

use std::{
    io,
    net::{IpAddr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use fakes::{FakeWeb, Paper};
use futures_util::future::BoxFuture;
use providers::web::{Allowed, FetchError, Fetcher, Limits, Names, is_public};

/// Counts who connects.
struct Trap {
    port: u16,
    caught: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

impl Trap {
    fn at(address: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let (caught, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, end) = (Arc::clone(&caught), Arc::clone(&is_over));
        std::thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok(_) => _ = count.fetch_add(1, Ordering::SeqCst),
                    Err(_) => std::thread::sleep(Duration::from_millis(2)),
                }
            }
        });
        Ok(Self { port, caught, is_over })
    }

    /// On every address of this machine.
    fn everywhere() -> Self {
        Self::at("[::]:0").or_else(|_| Self::at("0.0.0.0:0")).unwrap()
    }

    /// How many were caught, after a moment for those on their way.
    fn caught(&self) -> usize {
        std::thread::sleep(Duration::from_millis(50));
        self.caught.load(Ordering::SeqCst)
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// Names that lead where a test wants, one answer after the other; the last one stays.
struct Told {
    answers: Mutex<Vec<Vec<IpAddr>>>,
    asked: AtomicUsize,
    /// An address of this machine that counts as public.
    public: Option<IpAddr>,
}

impl Told {
    fn new(answers: &[&[&str]], public: Option<&str>) -> Arc<Self> {
        let read = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        let answers = Mutex::new(answers.iter().map(read).collect());
        let public = public.map(|address| address.parse().unwrap());
        Arc::new(Self { answers, asked: AtomicUsize::new(0), public })
    }
}

impl Names for Told {
    fn look_up(&self, _name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        Box::pin(async move { Ok(answer) })
    }

    fn is_public(&self, address: IpAddr) -> bool {
        is_public(address) || self.public == Some(address)
    }
}

fn limits(ports: &[u16]) -> Limits {
    let ports = ports.iter().copied().chain([80, 443]).collect();
    Limits { time: Duration::from_secs(3), ports, ..Limits::default() }
}

fn allowing(fake: &FakeWeb) -> Allowed {
    Allowed::read(&[fake.place()]).unwrap()
}

/// Ways to write addresses of this machine, its network and what is no page. `P` is the port of the trap, so that nothing but
/// the address is what they are refused for.
const FORBIDDEN: [&str; 94] = [
    // This machine, in numbers of every kind.
    "http://127.0.0.1:P/",
    "http://127.0.0.1.:P/",
    "http://127.1:P/",
    "http://127.0.1:P/",
    "http://2130706433:P/",
    "http://017700000001:P/",
    "http://0x7f000001:P/",
    "http://0x7f.1:P/",
    "http://0177.0.0.1:P/",
    "http://0x7f.0x0.0x0.0x1:P/",
    "http://127.000.000.001:P/",
    "http://0177.0x0.0.01:P/",
    "http://127.255.255.254:P/",
    "http://0:P/",
    "http://0.0.0.0:P/",
    "http://00000000:P/",
    "http://０:P/",
    "http://１２７.０.０.１:P/",
    "http://127。0。0。1:P/",
    "http://127．0．0．1:P/",
    "http://%31%32%37.0.0.1:P/",
    "http://127%2e0%2e0%2e1:P/",
    "http://①②⑦.⓪.⓪.①:P/",
    "HTTP://127.0.0.1:P/",
    "https://127.0.0.1:P/",
    "http:127.0.0.1:P/",
    "http:/127.0.0.1:P/",
    "http:///127.0.0.1:P/",
    "http:////127.0.0.1:P/",
    // The same in IPv6.
    "http://[::1]:P/",
    "http://[0:0:0:0:0:0:0:1]:P/",
    "http://[0000::0001]:P/",
    "http://[::]:P/",
    "http://[::ffff:127.0.0.1]:P/",
    "http://[::ffff:7f00:1]:P/",
    "http://[::FFFF:7F00:0001]:P/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:P/",
    "http://[::127.0.0.1]:P/",
    "http://[::7f00:1]:P/",
    "http://[64:ff9b::127.0.0.1]:P/",
    "http://[64:ff9b::7f00:1]:P/",
    "http://[64:ff9b:1::7f00:1]:P/",
    "http://[2002:7f00:1::]:P/",
    "http://[2002:c0a8:101::1]:P/",
    "http://[2001::7f00:1]:P/",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]:P/",
    "http://[fe80::1]:P/",
    "http://[febf::1]:P/",
    "http://[fe80::1%25lo]:P/",
    "http://[::1%25lo]:P/",
    "http://[fc00::1]:P/",
    "http://[fd00:ec2::254]:P/",
    "http://[ff02::1]:P/",
    "http://[::ffff:0:127.0.0.1]:P/",
    "http://[100::1]:P/",
    "http://[2001:db8::1]:P/",
    // Names of it.
    "http://localhost:P/",
    "http://LOCALHOST:P/",
    "http://localhost.:P/",
    "http://a.localhost:P/",
    "http://ｌｏｃａｌｈｏｓｔ:P/",
    "http://localhost.localdomain:P/",
    "http://ip6-localhost:P/",
    "http://printer.local:P/",
    "http://metadata.google.internal:P/",
    "http://wiki:P/",
    "http://router.lan:P/",
    "http://nas.home.arpa:P/",
    // Networks around it.
    "http://10.0.0.1:P/",
    "http://172.16.0.1:P/",
    "http://172.31.255.255:P/",
    "http://192.168.1.1:P/",
    "http://100.64.0.1:P/",
    "http://169.254.169.254:P/latest/meta-data/",
    "http://0xa9fea9fe:P/",
    "http://2852039166:P/",
    "http://192.0.0.192:P/",
    "http://224.0.0.1:P/",
    "http://240.0.0.1:P/",
    "http://255.255.255.255:P/",
    "http://198.18.0.1:P/",
    // Readers that disagree.
    "http://example.com:80@127.0.0.1:P/",
    "http://example.com@127.0.0.1:P/",
    "http://user:word@example.com:P/",
    "http://127.0.0.1:P\\@example.com/",
    "http://example.com\\@127.0.0.1:P/",
    "http://127.0.0.1:P#@example.com/",
    "http://127.0.0.1:P?@example.com/",
    "http://exam\tple.com@127.0.0.1:P/",
    "http://127.0.0\n.1:P/",
    // No pages at all.
    "file:///etc/passwd",
    "ftp://127.0.0.1:P/",
    "gopher://127.0.0.1:P/_GET",
    "data:text/html,x",
];

#[tokio::test]
async fn nothing_leaves_for_addresses_that_are_not_of_the_public_web() {
    let trap = Trap::everywhere();
    let fetcher = Fetcher::open(Allowed::default(), limits(&[trap.port])).unwrap();
    for spelled in FORBIDDEN {
        let url = spelled.replace('P', &trap.port.to_string());
        let refused = fetcher.page(&url).await;
        assert!(refused.is_err(), "{url}");
        if !spelled.contains("localdomain") {
            assert_eq!(refused, Err(FetchError::Refused), "{url}");
        }
    }
    assert_eq!(trap.caught(), 0);

    // The trap works: what an administrator allows gets there.
    let allowed = Allowed::read(&[format!("127.0.0.1:{}", trap.port)]).unwrap();
    let open = Fetcher::open(allowed, Limits { time: Duration::from_millis(300), ..limits(&[]) }).unwrap();
    assert!(open.page(&format!("http://127.0.0.1:{}/", trap.port)).await.is_err());
    assert_eq!(trap.caught(), 1);
}

#[tokio::test]
async fn pages_are_at_the_ports_of_pages() {
    let names = Told::new(&[&["10.0.0.1"]], None);
    let fetcher = Fetcher::with_names(Allowed::default(), Limits::default(), names.clone()).unwrap();
    for port in [0, 1, 21, 22, 23, 25, 110, 143, 3306, 5432, 6379, 8080, 9200, 11211, 27017, 65535] {
        let page = fetcher.page(&format!("http://page.example:{port}/")).await;
        assert_eq!(page, Err(FetchError::Refused), "{port}");
    }
    assert_eq!(names.asked.load(Ordering::SeqCst), 0, "not even the name was looked up");
    for url in [
        "http://page.example/",
        "https://page.example/",
        "http://page.example:443/",
        "https://page.example:80/",
    ] {
        assert_eq!(fetcher.page(url).await, Err(FetchError::Unreachable), "{url}");
    }
    assert_eq!(names.asked.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn names_that_lead_to_anything_private_are_not_followed() {
    let trap = Trap::everywhere();
    for addresses in [
        &["127.0.0.1"][..],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["0.0.0.0"],
        &["169.254.169.254"],
        &["1.1.1.1", "127.0.0.1"],
        &["127.0.0.1", "1.1.1.1"],
        &["2606:4700::1111", "::1"],
        &["1.1.1.1", "64:ff9b::7f00:1"],
        &[],
    ] {
        let names = Told::new(&[addresses], None);
        let fetcher = Fetcher::with_names(Allowed::default(), limits(&[trap.port]), names.clone()).unwrap();
        for host in
            ["private.example", "127.0.0.1.nip.example", "127-0-0-1.sslip.example", "xn--e1afmkfd.example"]
        {
            let page = fetcher.page(&format!("http://{host}:{}/", trap.port)).await;
            assert_eq!(page, Err(FetchError::Unreachable), "{host} at {addresses:?}");
        }
        assert_eq!(names.asked.load(Ordering::SeqCst), 4);
    }
    assert_eq!(trap.caught(), 0);
}

#[tokio::test]
async fn a_name_that_changes_between_check_and_connection_changes_nothing() {
    let fake = FakeWeb::start();
    fake.put("/", Paper::html("<p>public</p>"));
    let port = fake.place().rsplit_once(':').unwrap().1.parse().unwrap();
    let trap = Trap::at(&format!("127.0.0.2:{port}")).unwrap();
    let (mut good, mut bad) = (0, 0);
    let turns: Vec<&[&str]> = [&["127.0.0.1"][..], &["127.0.0.2"]].repeat(100);
    let names = Told::new(&turns, Some("127.0.0.1"));
    let fetcher = Fetcher::with_names(Allowed::default(), limits(&[port]), names.clone()).unwrap();
    for _ in 0..200 {
        match fetcher.page(&format!("http://rebinding.example:{port}/")).await {
            Ok(page) => good += usize::from(page.paragraphs == ["public"]),
            Err(error) => bad += usize::from(error == FetchError::Unreachable),
        }
    }
    assert_eq!(names.asked.load(Ordering::SeqCst), 200, "one look for each page");
    assert_eq!((good, bad, trap.caught()), (100, 100, 0));
}

#[tokio::test]
async fn redirects_lead_to_the_public_web_alone_and_not_on_and_on() {
    let (fake, trap) = (FakeWeb::start(), Trap::everywhere());
    let fetcher = Fetcher::open(allowing(&fake), limits(&[trap.port])).unwrap();
    let port = trap.port;
    let mut from = 0;
    for status in [301, 302, 303, 307, 308] {
        for to in [
            format!("http://127.0.0.1:{port}/"),
            format!("//127.0.0.1:{port}/"),
            format!("http://[::1]:{port}/"),
            format!("http://2130706433:{port}/"),
            format!("https://localhost:{port}/"),
            format!("http://{}@127.0.0.1:{port}/", fake.place()),
            format!("http://x\\@127.0.0.1:{port}/"),
            "file:///etc/passwd".to_owned(),
            "http://169.254.169.254/".to_owned(),
        ] {
            from += 1;
            let path = format!("/{from}");
            fake.put(&path, Paper::leads_to(status, &to));
            assert_eq!(fetcher.page(&fake.url(&path)).await, Err(FetchError::Refused), "{status} to {to}");
        }
    }
    // A page may say that it leads on: nobody follows.
    fake.put(
        "/meta",
        Paper::html(format!("<meta http-equiv=refresh content='0;url=http://127.0.0.1:{port}/'><p>text")),
    );
    assert_eq!(fetcher.page(&fake.url("/meta")).await.unwrap().paragraphs, ["text"]);
    assert_eq!(trap.caught(), 0);

    for hop in 0..20 {
        fake.put(&format!("/hop{hop}"), Paper::leads_to(302, &format!("/hop{}", hop + 1)));
    }
    fake.take_asked();
    assert_eq!(fetcher.page(&fake.url("/hop0")).await, Err(FetchError::TooManyHops));
    assert_eq!(fake.take_asked().len(), 4, "the page and three more");
    fake.put("/hop3", Paper::html("<title>There</title><p>at last</p>"));
    let page = fetcher.page(&fake.url("/hop0#part")).await.unwrap();
    assert_eq!((page.url, page.title.as_str()), (fake.url("/hop3"), "There"));
}

#[tokio::test]
async fn pages_have_a_size_a_kind_and_little_time() {
    let fake = FakeWeb::start();
    let fetcher =
        Fetcher::open(allowing(&fake), Limits { time: Duration::from_millis(700), ..limits(&[]) }).unwrap();
    let ask = async |path: &str, paper: Paper| {
        fake.put(path, paper);
        let begun = Instant::now();
        let page = fetcher.page(&fake.url(path)).await.map(|page| page.paragraphs);
        assert!(begun.elapsed() < Duration::from_millis(2_500), "{path}");
        page
    };
    let text = |body: &[u8]| Paper::of("text/plain", body.to_vec());

    assert_eq!(ask("/large", text(&vec![b'x'; 6 << 20])).await, Err(FetchError::TooLarge));
    let endless = Paper { is_endless: true, ..text(&vec![b'x'; 1 << 16]) };
    assert_eq!(ask("/endless", endless).await, Err(FetchError::TooLarge));
    let drop_by_drop = Paper { is_endless: true, pause: Duration::from_millis(100), ..text(b"x") };
    assert_eq!(ask("/drops", drop_by_drop).await, Err(FetchError::TooSlow));
    let slow = Paper { waits: Duration::from_mins(1), ..text(b"x") };
    assert_eq!(ask("/slow", slow).await, Err(FetchError::TooSlow));

    for kind in ["image/png", "application/json", "text/event-stream", "application/octet-stream", ""] {
        assert_eq!(ask("/kind", Paper::of(kind, b"x".to_vec())).await, Err(FetchError::Unreadable), "{kind}");
    }
    let mut packed = text(b"\x1f\x8b\x08");
    packed.headers.push(("content-encoding", "gzip".to_owned()));
    assert_eq!(ask("/packed", packed).await, Err(FetchError::Unreadable));
    assert_eq!(ask("/empty", Paper::html("")).await, Err(FetchError::Unreadable));
    assert_eq!(ask("/gone", Paper { status: 404, ..text(b"x") }).await, Err(FetchError::Status(404)));

    let latin = Paper::of("text/html; charset=ISO-8859-1", b"<p>Gr\xfc\xdfe</p>".to_vec());
    assert_eq!(ask("/latin", latin).await.unwrap(), ["Grüße"]);
    let japanese = Paper::of("text/html", b"<meta charset=shift_jis><p>\x93\x94\x91\xe4</p>".to_vec());
    assert_eq!(ask("/japanese", japanese).await.unwrap(), ["灯台"]);
}

#[tokio::test]
async fn nothing_is_told_to_pages_but_what_everybody_is_told() {
    let fake = FakeWeb::start();
    fake.put("/from", Paper::leads_to(302, "/to"));
    fake.put("/to", Paper::html("<p>text</p>"));
    let fetcher = Fetcher::open(allowing(&fake), limits(&[])).unwrap();
    for _ in 0..2 {
        fetcher.page(&fake.url("/from?a=1#secret")).await.unwrap();
    }
    let asked = fake.take_asked();
    assert_eq!(
        asked.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(),
        ["/from?a=1", "/to", "/from?a=1", "/to"]
    );
    for one in asked {
        let mut names: Vec<_> = one.headers.keys().map(ToString::to_string).collect();
        names.sort();
        assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"]);
        assert!(one.headers["user-agent"].to_str().unwrap().contains("compatible; Colloquy/"));
        assert_eq!(one.headers["accept-encoding"], "identity");
    }
}

#[tokio::test]
async fn what_is_refused_and_what_is_not_there_look_alike() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let allowed = Allowed::read(&[nobody.to_string()]).unwrap();
    let fetcher = Fetcher::open(allowed, limits(&[])).unwrap();
    let closed = fetcher.page(&format!("http://{nobody}/")).await.unwrap_err();
    let refused = fetcher.page("http://127.0.0.1/").await.unwrap_err();
    assert_eq!((closed, refused), (FetchError::Unreachable, FetchError::Refused));
    assert_eq!(closed.to_string(), refused.to_string());
}
