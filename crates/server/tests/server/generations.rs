//! Sign-ins that are under way while an administrator, or the user, ends them all.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use chat_server::App;
use chat_server::auth::SecretKind;
use chat_server::entropy::{Entropy, SystemEntropy};
use chat_server::records::AssociateId;
use chat_server::store::StoreError;
use chat_test_support::TestApp;

use crate::browser::{Browser, form, hidden};
use crate::secrets::{app_token, call, issue, online, user_of};
use crate::support::{World, test_app};

const TERJE: AssociateId = AssociateId(1);

/// Stops once, as a secret is made: after it was proven who asks, before anything is stored.
struct Pausing {
    /// Secrets that are made before it stops.
    before: AtomicUsize,
    arrived: Mutex<Sender<()>>,
    go_on: Mutex<Receiver<()>>,
}

impl Entropy for Pausing {
    fn bits_256(&self) -> [u8; 32] {
        if self.before.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.arrived.lock().unwrap().send(()).unwrap();
            // A worker that just blocks would keep the others from their sockets.
            tokio::task::block_in_place(|| self.go_on.lock().unwrap().recv().unwrap());
        }
        SystemEntropy.bits_256()
    }
}

struct Pause {
    http: TestApp,
    entropy: Arc<Pausing>,
    arrived: Option<Receiver<()>>,
    go_on: Sender<()>,
}

impl Pause {
    async fn of(world: &World) -> Self {
        let ((arrived, has_arrived), (go_on, may_go_on)) = (channel(), channel());
        let entropy = Arc::new(Pausing {
            before: AtomicUsize::new(usize::MAX / 2),
            arrived: Mutex::new(arrived),
            go_on: Mutex::new(may_go_on),
        });
        let config = chat_server::Config { entropy: entropy.clone(), ..world.config() };
        let http = test_app(App::open(config).await.unwrap().router());
        Self { http, entropy, arrived: Some(has_arrived), go_on }
    }

    /// Posts a form, does `meanwhile` when the form's user is known, and gives the answer.
    async fn post(
        &mut self,
        browser: &Browser,
        path: &str,
        fields: &[(&str, &str)],
        meanwhile: impl Future<Output = ()>,
    ) -> chat_test_support::TestResponse {
        // The first is the id of the request.
        self.entropy.before.store(2, Ordering::SeqCst);
        let request = form(&self.http, path, fields).header("cookie", &browser.cookie_header());
        let answer = tokio::spawn(request.send());
        let arrived = self.arrived.take().unwrap();
        let arrived = tokio::task::spawn_blocking(move || arrived.recv().map(|()| arrived)).await.unwrap();
        self.arrived = Some(arrived.expect("the form was believed"));
        meanwhile.await;
        self.go_on.send(()).unwrap();
        answer.await.unwrap()
    }
}

/// What ends everything, by name.
const ENDINGS: [&str; 4] = ["set-password", "sign-out", "disable and enable", "everywhere"];

async fn end(world: &World, ending: &str) {
    let authenticator = world.app.authenticator();
    match ending {
        "set-password" => drop(authenticator.set_password("tje0", "another").await.unwrap()),
        "sign-out" => drop(authenticator.sign_out("tje0").await.unwrap()),
        "everywhere" => {
            let mut browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
            let xsrf = browser.cookie("XSRF-TOKEN").unwrap().to_owned();
            let answer = browser.post("/signout", &[("XSRF_TOKEN", &xsrf), ("everywhere", "true")]).await;
            assert_eq!(answer.status, 303);
        }
        _ => {
            authenticator.disable("tje0").await.unwrap();
            authenticator.enable("tje0").await.unwrap();
        }
    }
}

async fn count(world: &World, table: &str) -> i64 {
    let (count,) = world.row(&format!("SELECT count(*) FROM {table}")).await;
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_with_the_old_password_leaves_no_session() {
    for ending in ENDINGS {
        let world = World::with("").await;
        let mut pause = Pause::of(&world).await;
        let mut browser = Browser::new(&pause.http);
        let token = hidden(&browser.get("/signin").await, "form_token").unwrap();
        let fields = [("user", "tje0"), ("password", "Tje0"), ("form_token", &*token)];
        let answer = pause.post(&browser, "/signin", &fields, end(&world, ending)).await;
        assert_eq!(answer.status, 403, "{ending}");
        assert!(answer.text().contains("signed out in the meantime"), "{}", answer.text());
        assert_eq!(count(&world, "browser_sessions").await, 0, "{ending}");
        assert_eq!(count(&world, "sign_in_devices").await, 0, "{ending}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ticket_that_is_being_issued_is_not() {
    for ending in ENDINGS {
        let world = World::with("").await;
        let mut pause = Pause::of(&world).await;
        let browser = Browser::signed_in(&pause.http, "tje0", "Tje0").await;
        let xsrf = browser.cookie("XSRF-TOKEN").unwrap().to_owned();
        let fields = [("XSRF_TOKEN", &*xsrf)];
        let answer = pause.post(&browser, "/signin/ticket", &fields, end(&world, ending)).await;
        assert_eq!(answer.status, 403, "{ending}");
        assert!(!answer.text().contains("7T:"), "{}", answer.text());
        assert_eq!(count(&world, "issued_secrets").await, 0, "{ending}");
    }
}

#[tokio::test]
async fn commands_issue_nothing_to_who_was_signed_out_since() {
    let world = World::with("").await;
    let before = world.app.store().login("tje0").await.unwrap().unwrap().user;
    world.app.authenticator().sign_out("tje0").await.unwrap();
    for kind in [SecretKind::Ticket, SecretKind::Token] {
        let issued = world.app.authenticator().issue(kind, &before, None, "").await;
        assert!(matches!(issued, Err(StoreError::SignedOut)), "{issued:?}");
        let now = user_of(&world, TERJE).await;
        assert!(world.app.authenticator().issue(kind, &now, None, "").await.is_ok());
    }
}

/// Also where a row of an earlier generation is there, however it came to be.
#[tokio::test]
async fn every_call_looks_at_the_generation() {
    let world = World::with("").await;
    let (online, app_token) = (online(&world).await, app_token(&world, "Partner").await);
    let browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let (_, ticket) = issue(&world, SecretKind::Ticket, TERJE).await;
    let (_, token) = issue(&world, SecretKind::Token, TERJE).await;
    let statuses = async || {
        let ticket = call(&world.http, &format!("SoTicket {ticket}"), None).await.status.as_u16();
        let token = call(&online, &format!("Bearer {token}"), Some(&app_token)).await.status.as_u16();
        [browser.status_of_call().await, ticket, token]
    };
    assert_eq!(statuses().await, [200, 200, 200]);
    world.execute("UPDATE users SET sign_in_generation = sign_in_generation + 1").await;
    assert_eq!(statuses().await, [401, 401, 401]);
}

#[tokio::test]
async fn signing_out_everywhere_leaves_access_tokens() {
    let world = World::with("").await;
    let (online, app_token) = (online(&world).await, app_token(&world, "Partner").await);
    let (_, ticket) = issue(&world, SecretKind::Ticket, TERJE).await;
    let (_, token) = issue(&world, SecretKind::Token, TERJE).await;
    end(&world, "everywhere").await;
    assert_eq!(call(&world.http, &format!("SoTicket {ticket}"), None).await.status, 401);
    assert_eq!(call(&online, &format!("Bearer {token}"), Some(&app_token)).await.status, 200);
}
