//! The pages' HTML. Every text that is not written here is escaped.

use chat_api::Secret;
use html_escape::{encode_double_quoted_attribute as attribute, encode_text as text};

use crate::auth::{Issued, SignedIn};

/// What a signed-in user is told on top of the page.
pub(super) enum Notice<'a> {
    /// Something was not done.
    Problem(&'a str),
    /// A ticket was issued.
    Ticket(&'a Issued),
}

/// The sign-in form.
pub(super) fn form(token: &Secret, problem: Option<&str>) -> String {
    let problem = problem.map(alert).unwrap_or_default();
    page(
        "Sign in",
        &format!(
            r#"{problem}<form method="post" action="/signin">
<input type="hidden" name="form_token" value="{token}">
<label for="user">User name</label>
<input id="user" name="user" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Sign in</button>
</form>"#,
            token = attribute(token.expose()),
        ),
    )
}

/// What there is to do for who is signed in.
pub(super) fn home(session: &SignedIn, notice: Option<Notice<'_>>) -> String {
    let xsrf = session.xsrf();
    let hidden = format!(r#"<input type="hidden" name="XSRF_TOKEN" value="{}">"#, attribute(xsrf.expose()));
    let notice = match notice {
        None => String::new(),
        Some(Notice::Problem(problem)) => alert(problem),
        Some(Notice::Ticket(issued)) => format!(
            r#"<section role="status" class="ticket"><h2>Your ticket</h2>
<p>It is shown only now, and good until <time datetime="{until}">{until}</time>. Whoever has it can sign in as you.</p>
<label for="ticket">Send it as <code>Authorization: SoTicket …</code></label>
<input id="ticket" type="text" readonly value="{ticket}">
</section>
"#,
            until = text(&issued.expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            ticket = attribute(issued.secret.expose()),
        ),
    };
    page(
        "Signed in",
        &format!(
            r#"{notice}<p>You are signed in as <strong>{name}</strong>.</p>
<form method="post" action="/signin/ticket">{hidden}
<button type="submit">Issue a ticket for a program</button>
</form>
<form method="post" action="/signout">{hidden}
<button type="submit">Sign out</button>
<button type="submit" name="everywhere" value="true">Sign out everywhere</button>
</form>"#,
            name = text(&session.user.full_name),
        ),
    )
}

/// A page that says what went wrong.
pub(super) fn problem(message: &str) -> String {
    page("Sign in", &format!(r#"{}<p><a href="/signin">To the sign-in page</a></p>"#, alert(message)))
}

fn alert(message: &str) -> String {
    format!(r#"<p role="alert" class="problem">{}</p>"#, text(message)) + "\n"
}

fn page(title: &str, main: &str) -> String {
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – Chat service</title>
<link rel="stylesheet" href="/signin/style.css">
</head>
<body>
<main>
<h1>{title}</h1>
{main}
</main>
</body>
</html>
"#,
        title = text(title),
    )
}
