//! Which call a piece belongs to: `index` may be missing, repeated or wrong, `id` missing or repeated.

use super::wire::CallPiece;
use crate::{Delta, exchange::clean};

/// The calls seen so far, in the order in which they began.
#[derive(Default)]
pub(super) struct ToolCalls(Vec<Begun>);

struct Begun {
    index: Option<i64>,
    id: String,
    named: bool,
}

impl ToolCalls {
    pub(super) fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Takes one piece; gives what is new in it.
    pub(super) fn take(&mut self, piece: CallPiece) -> Option<Delta> {
        let wire_index = piece.index.map(|index| index.0);
        let id = piece.id.filter(|id| !id.is_empty()).map(clean);
        let function = piece.function.unwrap_or_default();
        let name = function.name.filter(|name| !name.is_empty()).map(clean);
        let arguments = clean(function.arguments.0);

        let place = self.place(wire_index, id.as_deref(), name.is_some());
        let is_new = place.is_none();
        let index = place.unwrap_or(self.0.len());
        if is_new {
            if name.is_none() && arguments.is_empty() && id.is_none() {
                return None;
            }
            let id = id.unwrap_or_else(|| format!("call_{index}"));
            self.0.push(Begun { index: wire_index, id, named: false });
        }
        let call = &mut self.0[index];
        let name = if call.named { None } else { name };
        call.named |= name.is_some();
        if !is_new && name.is_none() && arguments.is_empty() {
            return None;
        }
        Some(Delta::ToolCall { index, id: is_new.then(|| call.id.clone()), name, arguments })
    }

    /// Where the call of a piece is; `None`: it begins a new one.
    fn place(&self, index: Option<i64>, id: Option<&str>, has_name: bool) -> Option<usize> {
        if let Some(id) = id
            && let Some(known) = self.0.iter().position(|call| call.id == id)
        {
            return Some(known);
        }
        let same_index = || self.0.iter().rposition(|call| call.index == index);
        match (index, id) {
            // Another id under a known index is another call if it has a name; else the server invents an id per piece.
            (Some(_), Some(_)) | (None, None) if has_name => None,
            (Some(_), _) => same_index(),
            (None, Some(_)) => None,
            (None, None) => self.0.len().checked_sub(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(id, name, arguments)` of the calls that the pieces make.
    fn merge(pieces: &[&str]) -> Vec<(String, String, String)> {
        let (mut calls, mut whole) = (ToolCalls::default(), Vec::<(String, String, String)>::new());
        for piece in pieces {
            let Some(Delta::ToolCall { index, id, name, arguments }) =
                calls.take(serde_json::from_str(piece).unwrap())
            else {
                continue;
            };
            if index == whole.len() {
                whole.push(Default::default());
            }
            whole[index].0 += &id.unwrap_or_default();
            whole[index].1 += &name.unwrap_or_default();
            whole[index].2 += &arguments;
        }
        whole
    }

    fn calls(expected: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
        expected
            .iter()
            .map(|(id, name, text)| ((*id).to_owned(), (*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn pieces_are_merged_by_index() {
        let merged = merge(&[
            r#"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}"#,
            r#"{"index":1,"id":"b","function":{"name":"g","arguments":"{"}}"#,
            r#"{"index":0,"function":{"arguments":"{\"x\":"}}"#,
            r#"{"index":1,"id":null,"function":{"name":null,"arguments":"}"}}"#,
            r#"{"index":0,"id":"","function":{"name":"","arguments":"1}"}}"#,
        ]);
        assert_eq!(merged, calls(&[("a", "f", r#"{"x":1}"#), ("b", "g", "{}")]));
    }

    #[test]
    fn pieces_without_an_index_are_merged_by_id_or_follow_the_last() {
        let merged = merge(&[
            r#"{"id":"a","function":{"name":"f","arguments":"1"}}"#,
            r#"{"id":"b","function":{"name":"g","arguments":"3"}}"#,
            r#"{"id":"a","function":{"name":"f","arguments":"2"}}"#,
            r#"{"function":{"arguments":"4"}}"#,
        ]);
        assert_eq!(merged, calls(&[("a", "f", "12"), ("b", "g", "34")]));
    }

    #[test]
    fn a_repeated_index_with_another_id_and_name_is_another_call() {
        let merged = merge(&[
            r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#,
            r#"{"index":0,"id":"b","function":{"name":"f","arguments":"{"}}"#,
            r#"{"index":0,"function":{"arguments":"}"}}"#,
        ]);
        assert_eq!(merged, calls(&[("a", "f", "{}"), ("b", "f", "{}")]));
    }

    #[test]
    fn an_id_per_piece_does_not_split_a_call() {
        let merged = merge(&[
            r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}"#,
            r#"{"index":0,"id":"z","function":{"arguments":"}"}}"#,
        ]);
        assert_eq!(merged, calls(&[("a", "f", "{}")]));
    }

    #[test]
    fn a_call_without_an_id_gets_one() {
        let merged =
            merge(&[r#"{"function":{"name":"f","arguments":{"x":1}}}"#, r#"{"function":{"name":"g"}}"#]);
        assert_eq!(merged, calls(&[("call_0", "f", r#"{"x":1}"#), ("call_1", "g", "")]));
    }
}
