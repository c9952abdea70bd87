//! The pages' HTML. Every text that is not written here is escaped.

use chat_api::Secret;
use html_escape::{encode_double_quoted_attribute as attribute, encode_text as text};
use jiff::Timestamp;

use crate::auth::{Issued, SignedIn};
use crate::store::IssuedSecret;

/// Tickets that are listed; whoever has more had better revoke them.
pub(super) const MAX_TICKETS: u32 = 100;

/// What stands below the pages where the service has a reference of its API.
pub(super) const REFERENCE_LINK: &str = "<footer><a href=\"/docs\">API reference</a></footer>\n";

/// What a signed-in user is told on top of the page.
pub(super) enum Notice<'a> {
    /// Something was not done.
    Problem(&'a str),
    /// A ticket was issued.
    Ticket(&'a Issued),
}

/// The sign-in form.
pub(super) fn form(token: &Secret, problem: Option<&str>, foot: &str) -> String {
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
        foot,
    )
}

/// What there is to do for who is signed in.
pub(super) fn home(session: &SignedIn, tickets: &[IssuedSecret], notice: Option<Notice<'_>>, foot: &str) -> String {
    let xsrf = session.xsrf();
    let hidden = format!(r#"<input type="hidden" name="XSRF_TOKEN" value="{}">"#, attribute(xsrf.expose()));
    let notice = match notice {
        None => String::new(),
        Some(Notice::Problem(problem)) => alert(problem),
        Some(Notice::Ticket(issued)) => format!(
            r#"<section role="status" class="ticket"><h2>Your ticket</h2>
<p>It is shown only now, and good until {until}. Whoever has it can sign in as you.</p>
<label for="ticket">Send it as <code>Authorization: SoTicket …</code></label>
<input id="ticket" type="text" readonly value="{ticket}">
</section>
"#,
            until = time(issued.expires),
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
{tickets}<form method="post" action="/signout">{hidden}
<button type="submit">Sign out</button>
<button type="submit" name="everywhere" value="true">Sign out everywhere</button>
</form>"#,
            name = text(&session.user.full_name),
            tickets = table(tickets, &hidden),
        ),
        foot,
    )
}

/// The user's tickets, and buttons to revoke them. The tickets themselves are known to nobody but who has them.
fn table(tickets: &[IssuedSecret], hidden: &str) -> String {
    if tickets.is_empty() {
        return String::new();
    }
    let rows: String = tickets
        .iter()
        .map(|ticket| {
            format!(
                r#"<tr><td>{id}</td><td>{issued}</td><td>{expires}</td><td>{note}</td><td><button type="submit" name="ticket" value="{id}" aria-label="Revoke ticket {id}">Revoke</button></td></tr>
"#,
                id = ticket.id,
                issued = time(ticket.issued),
                expires = time(ticket.expires),
                note = text(&ticket.note),
            )
        })
        .collect();
    let more = if tickets.len() == MAX_TICKETS as usize { "<p>Older ones are not shown.</p>\n" } else { "" };
    format!(
        r#"<form method="post" action="/signin/ticket/revoke">{hidden}
<table>
<caption>Your tickets</caption>
<thead><tr><th scope="col">Number</th><th scope="col">Issued</th><th scope="col">Expires</th><th scope="col">For</th><th></th></tr></thead>
<tbody>
{rows}</tbody>
</table>
{more}<button type="submit" name="ticket" value="all">Revoke all tickets</button>
</form>
"#
    )
}

fn time(instant: Timestamp) -> String {
    let instant = instant.strftime("%Y-%m-%dT%H:%M:%SZ");
    format!(r#"<time datetime="{instant}">{instant}</time>"#)
}

/// A page that says what went wrong.
pub(super) fn problem(message: &str) -> String {
    page("Sign in", &format!(r#"{}<p><a href="/signin">To the sign-in page</a></p>"#, alert(message)), "")
}

fn alert(message: &str) -> String {
    format!(r#"<p role="alert" class="problem">{}</p>"#, text(message)) + "\n"
}

fn page(title: &str, main: &str, foot: &str) -> String {
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
{foot}</body>
</html>
"#,
        title = text(title),
    )
}
