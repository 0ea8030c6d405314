//! What the letter with the link says.

use domain::User;

use crate::mail::{Language, Letter, Paragraph, paragraphs};

/// The letter to `user`. `name` is what the installation calls itself; the link is good for so many minutes.
pub(super) fn letter(language: Language, name: &str, user: &User, link: &str, minutes: i64) -> Letter {
    let called = user.full_name.as_deref().unwrap_or(&user.username);
    let link = link.to_owned();
    let (subject, said) = match language {
        Language::English => (
            format!("Choose a new password for {name}"),
            [
                Paragraph::Words(format!("Hello {called},")),
                Paragraph::Words(format!(
                    "somebody, most likely you, has forgotten the password of your account at {name} ({}). Choose a \
                     new one here:",
                    user.username
                )),
                Paragraph::Link(link.clone(), "Choose a new password"),
                Paragraph::Note(format!(
                    "The link works once, for {}. If it was not you, there is nothing to do: your password stays as it \
                     is.",
                    time(language, minutes)
                )),
            ],
        ),
        Language::Italian => (
            format!("Scegli una nuova password per {name}"),
            [
                Paragraph::Words(format!("Ciao {called},")),
                Paragraph::Words(format!(
                    "qualcuno, molto probabilmente tu, ha dimenticato la password del tuo account su {name} ({}). \
                     Scegline una nuova qui:",
                    user.username
                )),
                Paragraph::Link(link.clone(), "Scegli una nuova password"),
                Paragraph::Note(format!(
                    "Il link funziona una volta sola, per {}. Se non sei stato tu, non devi fare nulla: la tua password \
                     è ancora quella di prima.",
                    time(language, minutes)
                )),
            ],
        ),
    };
    let (text, html) = paragraphs(language, &said);
    // One line, whatever the installation is called.
    let subject = subject.replace(char::is_control, " ");
    Letter { kind: "password_reset", to: user.email.clone(), gist: link, subject, text, html }
}

fn time(language: Language, minutes: i64) -> String {
    let is_hours = minutes % 60 == 0;
    let count = if is_hours { minutes / 60 } else { minutes };
    let unit = match (language, is_hours, count == 1) {
        (Language::English, true, true) => "hour",
        (Language::English, true, false) => "hours",
        (Language::English, false, true) => "minute",
        (Language::English, false, false) => "minutes",
        (Language::Italian, true, true) => "ora",
        (Language::Italian, true, false) => "ore",
        (Language::Italian, false, true) => "minuto",
        (Language::Italian, false, false) => "minuti",
    };
    format!("{count} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_as_people_say_it() {
        assert_eq!(time(Language::English, 60), "1 hour");
        assert_eq!(time(Language::English, 90), "90 minutes");
        assert_eq!(time(Language::Italian, 120), "2 ore");
        assert_eq!(time(Language::Italian, 1), "1 minuto");
    }
}
