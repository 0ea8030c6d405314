//! A form with a file in it, written to the disk as it comes.

use std::time::Duration;

use axum::{
    extract::{
        FromRequest as _, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::{HeaderMap, StatusCode, header},
};
use services::{Actor, App, domain::File, files};
use tokio::time::timeout;

use super::problem::Problem;

/// The field of the form.
const FIELD: &str = "file";
/// How long nothing may come.
const NEXT_WITHIN: Duration = Duration::from_secs(30);
/// How long all of it may take.
const ALL_WITHIN: Duration = Duration::from_mins(10);
/// How much of a file that is refused is read all the same: a client that is still sending would not hear why.
const HEARD_OUT: usize = 64 * 1024 * 1024;

/// Takes in the file of a form.
pub(crate) async fn receive(app: &App, actor: &Actor, request: Request) -> Result<File, Problem> {
    if !is_form(request.headers()) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Send the file as a form: `multipart/form-data` with a field `file`.",
        ));
    }
    let form = Multipart::from_request(request, app).await;
    let mut form = form.map_err(|_| broken("The form has no boundary"))?;
    timeout(ALL_WITHIN, read(app, actor, &mut form)).await.map_err(|_| too_slow())?
}

fn is_form(headers: &HeaderMap) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("multipart/form-data")
}

async fn read(app: &App, actor: &Actor, form: &mut Multipart) -> Result<File, Problem> {
    let mut received = None;
    while let Some(mut field) = next(form.next_field()).await? {
        let named = field.name().unwrap_or_default();
        if named != FIELD {
            check_name(named)?;
            continue;
        }
        if received.is_some() {
            return Err(Problem::invalid(format!("/{FIELD}"), "is there twice"));
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let mut upload = files::begin(app, actor).await?;
        while let Some(piece) = next(field.chunk()).await? {
            if let Err(refused) = upload.write(&piece).await {
                drop(upload);
                hear_out(field).await;
                return Err(refused.into());
            }
        }
        received = Some((upload, name));
    }
    // The form has come to its end: what was cut off is not kept.
    let (upload, name) = received.ok_or_else(|| Problem::invalid(format!("/{FIELD}"), "is missing"))?;
    Ok(upload.finish(&name).await?)
}

/// Other fields are not read, but their names stand in headers: those that not everybody reads alike are refused.
fn check_name(name: &str) -> Result<(), Problem> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if (1..=100).contains(&name.len()) && name.bytes().all(is_plain) {
        return Ok(());
    }
    Err(Problem::invalid(
        "",
        "The fields of a form are named by 1 to 100 letters, digits, dots, dashes and underscores",
    ))
}

async fn next<T>(
    coming: impl Future<Output = Result<Option<T>, MultipartError>>,
) -> Result<Option<T>, Problem> {
    let come = timeout(NEXT_WITHIN, coming).await.map_err(|_| too_slow())?;
    come.map_err(|_| broken("The form did not arrive whole"))
}

/// Reads on for a while, keeping nothing.
async fn hear_out(mut field: Field<'_>) {
    let mut left = HEARD_OUT;
    while let Ok(Some(piece)) = next(field.chunk()).await {
        left = left.saturating_sub(piece.len());
        if left == 0 {
            return;
        }
    }
}

fn broken(why: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "broken_body", format!("{why}."))
}

fn too_slow() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "The file did not arrive in time.")
}
