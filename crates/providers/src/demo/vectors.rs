//! Vectors of texts without a model: words and their pieces are counted in places that a hash names. Texts that share words
//! lie near each other, and the same text always has the same vector.

use crate::{Embed, Embedded, Input, ProviderError, estimate_tokens};

/// How many numbers a vector has, if nobody chose.
const DIMENSIONS: usize = 256;
/// The most that can be chosen.
const MOST_DIMENSIONS: i64 = 4_096;
/// What a whole word weighs beside a piece of it.
const WORD: f32 = 2.0;

pub(super) fn of(request: &Embed) -> Result<Embedded, ProviderError> {
    let dimensions = match request.dimensions {
        None => DIMENSIONS,
        Some(asked @ 1..=MOST_DIMENSIONS) => asked as usize,
        Some(_) => {
            let message = format!("dimensions must be between 1 and {MOST_DIMENSIONS}");
            return Err(ProviderError::BadRequest { status: 400, message });
        }
    };
    let vectors = request.inputs.iter().map(|input| vector(&pieces(input), dimensions)).collect();
    let cost = |input: &Input| match input {
        Input::Text(text) => estimate_tokens(text),
        Input::Tokens(tokens) => tokens.len() as i64,
    };
    let prompt_tokens = Some(request.inputs.iter().map(cost).sum());
    Ok(Embedded { vectors, prompt_tokens })
}

/// What is counted, and what each weighs: words and, of words, three letters at a time.
fn pieces(input: &Input) -> Vec<(String, f32)> {
    let text = match input {
        Input::Tokens(tokens) => return tokens.iter().map(|token| (token.to_string(), WORD)).collect(),
        Input::Text(text) => text.to_lowercase(),
    };
    let mut pieces = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let letters: Vec<char> = word.chars().collect();
        pieces.extend(letters.windows(3).map(|three| (three.iter().collect(), 1.0)));
        pieces.push((word.to_owned(), WORD));
    }
    pieces
}

/// Of length 1, as everybody's are. A text without words points nowhere else but in the first direction.
fn vector(pieces: &[(String, f32)], dimensions: usize) -> Vec<f32> {
    let mut vector = vec![0.0_f32; dimensions];
    for (piece, weight) in pieces {
        let hash = hash(piece);
        let sign = if hash >> 63 == 0 { 1.0 } else { -1.0 };
        vector[(hash % dimensions as u64) as usize] += sign * weight;
    }
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    if length > 0.0 {
        for number in &mut vector {
            *number /= length;
        }
    } else {
        vector[0] = 1.0;
    }
    vector
}

/// FNV-1a with a last stir: the same on every machine and in every version.
fn hash(piece: &str) -> u64 {
    let mixed = piece.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let stirred = (mixed ^ (mixed >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    stirred ^ (stirred >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(texts: &[&str], dimensions: Option<i64>) -> Vec<Vec<f32>> {
        let inputs = texts.iter().map(|text| Input::Text((*text).to_owned())).collect();
        of(&Embed { model: "demo-embedding".to_owned(), inputs, dimensions }).unwrap().vectors
    }

    fn near(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn texts_that_share_words_lie_near_each_other() {
        let texts = ["The cat sleeps on the sofa", "A cat is sleeping on a sofa", "Quarterly tax forms"];
        let vectors = made(&texts, None);
        assert_eq!(made(&texts, None), vectors);
        assert!(
            vectors
                .iter()
                .all(|vector| vector.len() == DIMENSIONS && (near(vector, vector) - 1.0).abs() < 1e-4)
        );
        assert!(near(&vectors[0], &vectors[1]) > near(&vectors[0], &vectors[2]) + 0.2);
    }

    #[test]
    fn every_text_has_a_vector_of_the_length_that_was_chosen() {
        for text in ["", "…", "数据", "a"] {
            let vector = &made(&[text], Some(8))[0];
            assert_eq!(vector.len(), 8);
            assert!((near(vector, vector) - 1.0).abs() < 1e-4, "{text}");
        }
        assert!(of(&Embed { dimensions: Some(0), ..Embed::default() }).is_err());
    }
}
