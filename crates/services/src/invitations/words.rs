//! What the letter with an invitation says.

use domain::MemberRole;
use store::invitations::Shown;

use crate::mail::{Language, Letter, Paragraph, paragraphs};

/// The letter to `email`. `name` is what the installation calls itself; the link is good for so many days.
pub(super) fn letter(
    language: Language,
    name: &str,
    email: &str,
    shown: &Shown,
    link: &str,
    days: i64,
) -> Letter {
    let Shown { title, invited_by, role, .. } = shown;
    let (subject, said) = match language {
        Language::English => (
            format!("{invited_by} invites you to a conversation at {name}"),
            [
                Paragraph::Words("Hello,".to_owned()),
                Paragraph::Words(format!(
                    "{invited_by} invites you to the conversation “{title}” at {name}. There you {}. See who invites you \
                     to what before you accept:",
                    may(language, *role)
                )),
                Paragraph::Link(link.to_owned(), "See the invitation"),
                Paragraph::Note(format!(
                    "The link works once, for {}. It is meant for you alone: whoever has it can accept it. If you expect \
                     no invitation, there is nothing to do.",
                    time(language, days)
                )),
            ],
        ),
        Language::Italian => (
            format!("{invited_by} ti invita a una conversazione su {name}"),
            [
                Paragraph::Words("Ciao,".to_owned()),
                Paragraph::Words(format!(
                    "{invited_by} ti invita alla conversazione «{title}» su {name}. Lì {}. Prima di accettare guarda chi \
                     ti invita e a che cosa:",
                    may(language, *role)
                )),
                Paragraph::Link(link.to_owned(), "Guarda l’invito"),
                Paragraph::Note(format!(
                    "Il link funziona una volta sola, per {}. È soltanto per te: chi lo ha può accettarlo. Se non aspetti \
                     un invito, non devi fare nulla.",
                    time(language, days)
                )),
            ],
        ),
    };
    let (text, html) = paragraphs(language, &said);
    // One line, whatever people and the installation are called.
    let subject = subject.replace(char::is_control, " ");
    Letter { kind: "invitation", to: email.to_owned(), gist: link.to_owned(), subject, text, html }
}

fn may(language: Language, role: MemberRole) -> &'static str {
    match (language, role) {
        (Language::English, MemberRole::Viewer) => "can read along",
        (Language::English, MemberRole::Commenter) => "can read along and write notes",
        (Language::English, MemberRole::Editor | MemberRole::Owner) => "can read and write",
        (Language::Italian, MemberRole::Viewer) => "puoi leggere",
        (Language::Italian, MemberRole::Commenter) => "puoi leggere e scrivere note",
        (Language::Italian, MemberRole::Editor | MemberRole::Owner) => "puoi leggere e scrivere",
    }
}

fn time(language: Language, days: i64) -> String {
    let unit = match (language, days == 1) {
        (Language::English, true) => "day",
        (Language::English, false) => "days",
        (Language::Italian, true) => "giorno",
        (Language::Italian, false) => "giorni",
    };
    format!("{days} {unit}")
}
