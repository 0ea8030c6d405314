//! `docs/seeds.md` tells the truth: every line of the five READMEs names a test, and the test is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// One line of a table.
struct Line {
    /// The heading above it, such as `Endpoints (003)`.
    section: String,
    named: String,
    proof: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn lines() -> Vec<Line> {
    let page = fs::read_to_string(root().join("docs/seeds.md")).unwrap();
    let mut section = String::new();
    let mut lines = Vec::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            heading.clone_into(&mut section);
        }
        let Some(cells) = line.strip_prefix('|').and_then(|rest| rest.strip_suffix('|')) else { continue };
        let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
        let [named, here, proof] = cells[..] else { panic!("three cells: {line}") };
        if named != "named there" && named != "---" {
            assert!(!named.is_empty() && !here.is_empty(), "nothing may be left out: {line}");
            lines.push(Line { section: section.clone(), named: named.into(), proof: proof.into() });
        }
    }
    lines
}

/// `file::test` of a line, each as it is written between backticks.
fn tests(proof: &str) -> Vec<(&str, &str)> {
    let written = proof.split('`').skip(1).step_by(2);
    written.map(|one| one.split_once("::").unwrap_or_else(|| panic!("no test: {one}"))).collect()
}

/// Where a file is that a line names.
fn path(file: &str) -> PathBuf {
    if let Some(rest) = file.strip_prefix("it/") {
        return root().join("crates/server/tests/it").join(rest);
    }
    let is_beside_crates = ["e2e/", "web/", "xtask/"].iter().any(|folder| file.starts_with(folder));
    if is_beside_crates { root().join(file) } else { root().join("crates").join(file) }
}

/// Whether a file holds a test of this name that is run.
fn holds(file: &str, text: &str, name: &str) -> bool {
    if Path::new(file).extension().is_some_and(|end| end == "rs") {
        holds_function(text, name)
    } else {
        text.match_indices(name).any(|(at, _)| is_called_with(text, at))
    }
}

fn holds_function(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let is_marked = |at: usize| {
        let above = lines[..at].iter().rev().map(|line| line.trim());
        let marks: Vec<_> =
            above.take_while(|line| line.starts_with("#[") || line.starts_with("///")).collect();
        marks.iter().any(|mark| *mark == "#[test]" || mark.starts_with("#[tokio::test"))
            && !marks.iter().any(|mark| mark.starts_with("#[ignore"))
    };
    let function = format!("fn {name}(");
    let is_it = |line: &str| line.trim().trim_start_matches("async ").starts_with(&function);
    lines.iter().enumerate().any(|(at, line)| is_it(line) && is_marked(at))
}

/// Whether what begins here is the name that a test in a browser is called with: it stands first in a call of one of their
/// words, outside of comments, and the call does not say that it is left out.
fn is_called_with(text: &str, at: usize) -> bool {
    let (before, name) = text.split_at(at);
    let Some(quote) = before.chars().next_back().filter(|sign| "'\"`".contains(*sign)) else { return false };
    let call = before[..before.len() - 1].trim_end();
    let line = call.rsplit('\n').next().unwrap_or_default().trim_start();
    let word = line.strip_suffix('(').unwrap_or_default();
    let is_test = ["test", "it", "behaviour", "await step"].contains(&word) || word.starts_with("test.each(");
    let options = name.split_once(quote).map_or("", |(_, rest)| rest.split("=>").next().unwrap_or_default());
    is_test && !["skip", "todo"].iter().any(|word| options.contains(word))
}

#[test]
fn every_line_has_a_test_and_the_test_is_there() {
    let mut texts = BTreeMap::new();
    let mut wrong = Vec::new();
    for Line { section, named, proof } in lines() {
        let tests = tests(&proof);
        if tests.is_empty() {
            wrong.push(format!("{section}: {named}: no test"));
        }
        for (file, name) in tests {
            let text = texts.entry(file.to_owned()).or_insert_with(|| fs::read_to_string(path(file)).ok());
            let is_there = text.as_ref().is_some_and(|text| name.len() >= 8 && holds(file, text, name));
            if !is_there {
                wrong.push(format!("{section}: {named}: there is no {file}::{name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_readme_has_its_tables_and_every_endpoint_is_served() {
    let lines = lines();
    let sections: BTreeSet<&str> = lines.iter().map(|line| line.section.as_str()).collect();
    for seed in ["000", "001", "002", "003", "004"] {
        for title in ["What it does", "Endpoints", "Members", "Variables"] {
            assert!(sections.contains(format!("{title} ({seed})").as_str()), "{title} of {seed}");
        }
    }
    let served = server::routes();
    let endpoints: Vec<_> = lines.iter().filter(|line| line.section.starts_with("Endpoints")).collect();
    assert!(endpoints.len() > 80, "{}", endpoints.len());
    for Line { named, .. } in endpoints {
        let (methods, path) = named.trim_matches('`').rsplit_once(' ').unwrap();
        for method in methods.split(", ") {
            assert!(served.iter().any(|(one, listed)| one == method && listed == path), "{named}");
        }
    }
}

#[test]
fn a_test_is_known_by_its_mark() {
    let text = "#[test]\nfn good_one() {}\n\n// fn in_words(\nfn helper_of_it() {}\n#[tokio::test]\nasync fn later_one() {}\n#[test]\n#[ignore]\nfn left_out() {}";
    let is = |name: &str| holds("a.rs", text, name);
    assert!(is("good_one") && is("later_one"));
    assert!(!is("good") && !is("missing_one") && !is("in_words") && !is("left_out"));
}

#[test]
fn a_test_in_a_browser_is_known_by_its_call() {
    let text = "test('one is run', async () => {})\nbehaviour(\n  `another is run, ${look}`,\n  async () => {},\n)\n// test('a comment')\n\
                test.skip('not run', () => {})\ntest('not now', { skip: true }, () => {})\nopen('a page')\nconst words = 'a word'\n";
    let is = |name: &str| holds("a.test.js", text, name);
    assert!(is("one is run") && is("another is"));
    for name in ["a comment", "not run", "not now", "a page", "a word", "is run"] {
        assert!(!is(name), "{name}");
    }
}
