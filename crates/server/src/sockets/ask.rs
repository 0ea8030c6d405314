//! What clients ask for over sockets.

use serde::Deserialize;
use serde_json::Value;
use services::{Error, chat::Options, domain::ConversationId};

use super::Place;

/// What a client's event asks for.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    /// To hear of a conversation: of what follows the place, if there is one.
    Join(ConversationId, Option<Place>),
    /// To hear no more of it.
    Leave(ConversationId),
    /// To say something and be answered.
    Say { conversation: ConversationId, text: String, options: Options },
    /// That others see whether the person writes.
    Typing(ConversationId, bool),
}

/// The conversation that an event names: alone, or as a member of an object, under the name of either client.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Wire {
    Alone(Id),
    Member {
        #[serde(alias = "conversationId", alias = "sessionId")]
        id: Id,
        #[serde(default)]
        cursor: Option<String>,
    },
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(i64),
}

/// A conversation, and where its reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) conversation: ConversationId,
    pub(crate) place: Option<Place>,
}

impl Named {
    /// Reads what an event brings; what is no id names no conversation.
    pub(crate) fn read(data: &Value) -> Result<Self, Error> {
        let (id, cursor) = match Wire::deserialize(data) {
            Ok(Wire::Alone(id)) => (id, None),
            Ok(Wire::Member { id, cursor }) => (id, cursor),
            Err(_) => return Err(Error::NotFound("conversation")),
        };
        let id = match id {
            Id::Text(text) => text,
            Id::Number(number) => number.to_string(),
        };
        let conversation = id.parse().map_err(|()| Error::NotFound("conversation"))?;
        let place = cursor.map(|text| text.parse()).transpose();
        let place = place.map_err(|()| Error::invalid("cursor", "must be one that an event brought"))?;
        Ok(Self { conversation, place })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use services::{
        domain::{MessageId, TurnId},
        live::Cursor,
    };

    use super::*;

    #[test]
    fn a_conversation_is_named_in_every_way_that_clients_do() {
        let plain = Named { conversation: ConversationId(255), place: None };
        for data in [
            json!("0000000000000000000000ff"),
            json!("255"),
            json!(255),
            json!({ "conversationId": "0000000000000000000000ff" }),
            json!({ "sessionId": "255" }),
            json!({ "sessionId": 255, "cursor": null }),
        ] {
            assert_eq!(Named::read(&data).unwrap(), plain, "{data}");
        }
        let named = Named::read(&json!({ "sessionId": "255", "cursor": "7:12:40:9" })).unwrap();
        assert_eq!(
            named.place,
            Some(Place { cursor: Cursor { turn: TurnId(7), seq: 12, told: MessageId(9) }, bytes: 40 })
        );
        for bad in [json!(null), json!({}), json!([]), json!("x"), json!({ "sessionId": {} }), json!(-1)] {
            assert!(matches!(Named::read(&bad), Err(Error::NotFound(_))), "{bad}");
        }
        for cursor in ["", "7:1", "x"] {
            let read = Named::read(&json!({ "sessionId": "255", "cursor": cursor }));
            assert!(matches!(read, Err(Error::Invalid { .. })), "{cursor}");
        }
    }
}
