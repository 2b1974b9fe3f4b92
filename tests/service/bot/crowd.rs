//! Two hundred people at once:
//!
//! ```sh
//! cargo test --test service crowd -- --ignored --nocapture
//! ```
//!
//! The Bot API server runs in a process of its own, so that the memory looked at is the bot's (and that of the people
//! who drive it).

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kandinsky_bot::playground::{Options, Playground};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::support::chat_user::ChatUser;
use crate::support::test_server::TestBot;

const PEOPLE: usize = 200;
/// What each of them asks for in one round.
const PROMPTS: usize = 3;
/// How often each of them writes: two hundred people are a hundred messages a second.
const PROMPT_INTERVAL: Duration = Duration::from_secs(2);
const ROUNDS: usize = 6;
/// The bot's own time for an update, from the event to the written row, for 99 of 100.
const LATENCY: Duration = Duration::from_millis(50);
/// What memory may grow by after the first rounds, kB: caches and the allocator breathe.
const GROWTH: usize = 16 * 1024;

/// A Bot API server in another process.
struct ServerProcess {
    child: Child,
    url: String,
    token: String,
}

impl ServerProcess {
    fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "bot::crowd::a_server_for_the_crowd"])
            .env("CROWD_SERVER", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut after =
            |mark: &str| lines.find_map(|line| line.split_once(mark).map(|(_, rest)| rest.to_owned())).unwrap();
        let (url, token) = (after("url="), after("token="));
        // What else it prints may go.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url, token }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the other process of the test below"]
async fn a_server_for_the_crowd() {
    if std::env::var_os("CROWD_SERVER").is_none() {
        return;
    }
    let playground = Playground::start(0, Options::default()).await.unwrap();
    println!("url={}\ntoken={}", playground.url(), playground.token());
    // Until the other process ends.
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
}

/// Collects how long the bot took for each update.
#[derive(Clone, Default)]
struct Stopwatch(Arc<Mutex<Vec<u64>>>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Stopwatch {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Microseconds(Option<u64>);
        impl Visit for Microseconds {
            fn record_u64(&mut self, field: &Field, value: u64) {
                if field.name() == "microseconds" {
                    self.0 = Some(value);
                }
            }
            fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
        }
        let mut found = Microseconds(None);
        event.record(&mut found);
        self.0.lock().unwrap().extend(found.0);
    }
}

/// Resident memory of this process, kB.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Everybody asks for pictures, each at moments of their own; when all are drawn, who was served when.
async fn round(people: &[ChatUser], number: usize, access: &AtomicBool, served: &Mutex<Vec<usize>>) -> Vec<usize> {
    access.store(false, Ordering::SeqCst);
    served.lock().unwrap().clear();
    let begun = Instant::now();
    let asks = people.iter().enumerate().map(|(who, user)| async move {
        for prompt in 0..PROMPTS {
            let moment = PROMPT_INTERVAL * prompt as u32 + PROMPT_INTERVAL.mul_f64(rand::random_range(0.0..0.9));
            tokio::time::sleep(moment.saturating_sub(begun.elapsed())).await;
            user.says(&format!("{number} {who} {prompt}")).await;
        }
    });
    futures::future::join_all(asks).await;
    // Until all is written down, nobody is served: then the order says whether the turns are fair.
    tokio::time::sleep(Duration::from_secs(1)).await;
    access.store(true, Ordering::SeqCst);
    while served.lock().unwrap().len() < PEOPLE * PROMPTS {
        assert!(begun.elapsed() < Duration::from_secs(180), "{} served", served.lock().unwrap().len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    served.lock().unwrap().clone()
}

/// In each turn everybody is served once.
fn assert_fair(order: &[usize]) {
    for (turn, services) in order.chunks(PEOPLE).enumerate() {
        let mut counts: HashMap<usize, usize> = HashMap::new();
        services.iter().for_each(|who| *counts.entry(*who).or_default() += 1);
        // The job that the worker held while everybody else still wrote is one too early.
        let twice = counts.values().filter(|count| **count > 1).count();
        assert!(twice <= 1, "turn {turn}: {twice} people were served twice while others waited");
    }
}

async fn all_delivered(people: &[ChatUser], pictures: usize) {
    for user in people {
        let started = Instant::now();
        loop {
            let history = user.history().await;
            let delivered = history.iter().filter(|message| message["photo"].is_array()).count();
            assert!(delivered <= pictures, "{delivered} pictures instead of {pictures}");
            if delivered == pictures {
                break;
            }
            assert!(started.elapsed() < Duration::from_secs(180), "{delivered} of {pictures} pictures");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute; its figures are for docs/performance.md"]
async fn two_hundred_people_are_served_fairly_and_soon() {
    let stopwatch = Stopwatch::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(stopwatch.clone())).unwrap();
    let (server, data) = (ServerProcess::start(), tempfile::tempdir().unwrap());
    let access = Arc::new(AtomicBool::new(true));
    let (served, is_open) = (Arc::new(Mutex::new(Vec::new())), Arc::clone(&access));
    let order = Arc::clone(&served);
    let bot = TestBot::start((&server.url, &server.token), data.path(), move |recipe| {
        while !is_open.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let who = recipe.prompt().split_whitespace().nth(1).unwrap().parse().unwrap();
        order.lock().unwrap().push(who);
    })
    .await;
    let people: Vec<ChatUser> =
        (0..PEOPLE).map(|who| ChatUser::new(&server.url, 1_000_000 + who as i64, "ru")).collect();
    let mut memory = Vec::new();
    for number in 0..ROUNDS {
        let begun = Instant::now();
        assert_fair(&round(&people, number, &access, &served).await);
        all_delivered(&people, (number + 1) * PROMPTS).await;
        memory.push(resident());
        println!("round {number}: {:.1} s, {} kB", begun.elapsed().as_secs_f64(), resident());
    }
    let mut times = stopwatch.0.lock().unwrap().clone();
    times.sort_unstable();
    let percentile = |share: usize| Duration::from_micros(times[times.len() * share / 1000]);
    let (half, most, worst) = (percentile(500), percentile(990), percentile(999));
    println!("{} updates: half within {half:?}, 99 of 100 within {most:?}, 999 of 1000 within {worst:?}", times.len());
    let growth = memory[ROUNDS - 1].saturating_sub(memory[1]);
    println!("memory after {ROUNDS} rounds of {} pictures: {} kB more than after 2", PEOPLE * PROMPTS, growth);
    bot.stop().await;
    assert!(times.len() >= ROUNDS * PEOPLE * PROMPTS);
    assert!(most < LATENCY, "{most:?}");
    assert!(growth < GROWTH, "{memory:?}");
}
