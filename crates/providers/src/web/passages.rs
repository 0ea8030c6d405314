//! Which passages of some pages matter for a question: those whose words are in it, rare words more than common ones (BM25).

use std::collections::HashMap;

/// How long a passage is, in characters: short paragraphs go together up to this.
const PASSAGE_CHARS: usize = 700;
/// How soon more of the same word counts for no more.
const SATURATION: f64 = 1.2;
/// How much a long passage has to say more to be worth the same, from 0 to 1.
const LENGTH: f64 = 0.75;
/// Words that nearly every text holds, in the languages that the app speaks.
const COMMON: [&str; 44] = [
    "a", "an", "and", "are", "as", "at", "be", "by", "do", "does", "for", "from", "how", "in", "is", "it",
    "of", "on", "or", "that", "the", "to", "was", "what", "when", "where", "which", "who", "why", "with",
    "che", "chi", "come", "cosa", "di", "e", "il", "in", "la", "le", "per", "quale", "quando", "un",
];

/// The passages of one page that matter, in the page's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passages(pub Vec<String>);

/// The best passages of each page, at most `of_each` of one and `budget` characters of all. A page of which nothing
/// matters has none.
pub fn best(question: &str, pages: &[Vec<String>], of_each: usize, budget: usize) -> Vec<Passages> {
    let asked = words(question);
    let all: Vec<(usize, String)> = (pages.iter().enumerate())
        .flat_map(|(page, paragraphs)| joined(paragraphs).into_iter().map(move |text| (page, text)))
        .collect();
    let counts: Vec<HashMap<String, f64>> = all.iter().map(|(_, text)| counted(text)).collect();
    let lengths: Vec<f64> = counts.iter().map(|counts| counts.values().sum()).collect();
    let mean = (lengths.iter().sum::<f64>() / all.len().max(1) as f64).max(1.0);
    let weight = |word: &str| {
        let holding = counts.iter().filter(|counts| counts.contains_key(word)).count() as f64;
        (1.0 + (all.len() as f64 - holding + 0.5) / (holding + 0.5)).ln()
    };
    let weights: Vec<(&str, f64)> = asked.iter().map(|word| (word.as_str(), weight(word))).collect();
    let mut ranked: Vec<(usize, f64)> = (counts.iter().zip(&lengths).enumerate())
        .map(|(at, (counts, length))| {
            let score = weights.iter().map(|(word, weight)| {
                let count = counts.get(*word).copied().unwrap_or_default();
                weight * count * (SATURATION + 1.0)
                    / (count + SATURATION * (1.0 - LENGTH + LENGTH * length / mean))
            });
            (at, score.sum())
        })
        .filter(|(_, score)| *score > 0.0)
        .collect();
    // Of two that are worth the same, the one that comes first.
    ranked.sort_by(|(at, score), (other, others)| others.total_cmp(score).then(at.cmp(other)));
    let (mut taken, mut left, mut of_page) = (Vec::new(), budget, vec![0; pages.len()]);
    for (at, _) in ranked {
        let (page, text) = &all[at];
        let length = text.chars().count();
        if of_page[*page] < of_each && length <= left {
            left -= length;
            of_page[*page] += 1;
            taken.push(at);
        }
    }
    taken.sort_unstable();
    let mut best = vec![Passages::default(); pages.len()];
    for at in taken {
        let (page, text) = &all[at];
        best[*page].0.push(text.clone());
    }
    best
}

/// Paragraphs, short ones with those that follow and long ones in sentences.
fn joined(paragraphs: &[String]) -> Vec<String> {
    let mut passages: Vec<String> = Vec::new();
    let mut held = 0;
    for piece in paragraphs.iter().flat_map(|paragraph| sentences(paragraph)) {
        let length = piece.chars().count() + 1;
        match passages.last_mut() {
            Some(last) if held + length <= PASSAGE_CHARS => {
                last.push(' ');
                last.push_str(&piece);
                held += length;
            }
            _ => {
                passages.push(piece);
                held = length;
            }
        }
    }
    passages
}

/// A paragraph that is a passage, or its sentences.
fn sentences(paragraph: &str) -> Vec<String> {
    if paragraph.chars().count() <= PASSAGE_CHARS {
        return vec![paragraph.to_owned()];
    }
    let mut sentences = vec![String::new()];
    for word in paragraph.split(' ') {
        let is_full = sentences.last().is_some_and(|last| {
            let length = last.chars().count();
            length > PASSAGE_CHARS || (last.ends_with(['.', '!', '?', '。', ':', ';']) && length > 80)
        });
        if is_full {
            sentences.push(String::new());
        }
        if let Some(last) = sentences.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    sentences
}

fn counted(text: &str) -> HashMap<String, f64> {
    let mut counts = HashMap::new();
    for word in words(text) {
        *counts.entry(word).or_default() += 1.0;
    }
    counts
}

/// The words of a text that tell it from others, in small letters. Of scripts without spaces, each sign is one.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in text.split(|c: char| !c.is_alphanumeric()) {
        let mut word = String::new();
        for c in run.chars() {
            if ('\u{2e80}'..='\u{9fff}').contains(&c) || ('\u{20000}'..='\u{3ffff}').contains(&c) {
                words.push(c.to_string());
            } else {
                word.extend(c.to_lowercase());
            }
        }
        if !word.is_empty() && !COMMON.contains(&word.as_str()) {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(paragraphs: &[&str]) -> Vec<String> {
        // Too long to go together.
        paragraphs.iter().map(|text| format!("{text} {}", "filling ".repeat(60)).trim().to_owned()).collect()
    }

    fn begins(passages: &Passages) -> Vec<&str> {
        passages.0.iter().map(|text| text.split(" filling").next().unwrap()).collect()
    }

    #[test]
    fn passages_that_hold_rare_words_of_the_question_come_first() {
        let pages = [
            page(&["The tower has stairs", "The tower is 31 metres high", "Visit the tower on Mondays"]),
            page(&["A cake recipe", "The height of the tower, measured from the rock, is 31 metres"]),
            page(&["Nothing of this kind"]),
        ];
        let found = best("What is the height of the tower?", &pages, 1, 10_000);
        assert_eq!(begins(&found[1]), ["The height of the tower, measured from the rock, is 31 metres"]);
        assert_eq!(begins(&found[0]), ["The tower has stairs"], "of those that are worth the same the first");
        assert_eq!(found[2], Passages::default());
    }

    #[test]
    fn a_word_that_is_said_often_does_not_beat_two_words() {
        let pages = [page(&["cats cats cats cats cats cats", "cats and dogs"])];
        assert_eq!(begins(&best("cats dogs", &pages, 1, 10_000)[0]), ["cats and dogs"]);
    }

    #[test]
    fn there_is_room_for_so_much_and_they_keep_their_order() {
        let pages = [page(&["first tower", "second tower tower", "third tower"])];
        assert_eq!(
            begins(&best("tower", &pages, 5, 10_000)[0]),
            ["first tower", "second tower tower", "third tower"]
        );
        assert_eq!(begins(&best("tower", &pages, 5, 600)[0]), ["second tower tower"]);
        assert_eq!(best("tower", &pages, 5, 10)[0], Passages::default());
        assert_eq!(best("tower", &[], 5, 10), []);
    }

    #[test]
    fn short_paragraphs_go_together_and_long_ones_are_parted() {
        let lines = ["a".to_owned(), "b".to_owned(), "c ".repeat(348).trim().to_owned()];
        assert_eq!(joined(&lines).len(), 1);
        let long = "A sentence of some length that says one thing and is longer than a line of text here. "
            .repeat(30);
        let parted = joined(&[long.trim().to_owned()]);
        assert!(parted.len() > 2 && parted.iter().all(|passage| passage.chars().count() <= PASSAGE_CHARS));
        assert!(parted.iter().all(|passage| passage.ends_with("here.")));
    }

    #[test]
    fn scripts_without_spaces_have_words_too() {
        let pages = [vec!["灯台は1847年".to_owned()], vec!["猫".to_owned()]];
        let found = best("灯台", &pages, 1, 100);
        assert_eq!((found[0].0.len(), found[1].0.len()), (1, 0));
    }
}
