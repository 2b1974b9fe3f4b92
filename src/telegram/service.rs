//! Everything that runs while the bot serves.

use std::sync::Arc;
use std::time::Duration;

use teloxide::Bot;
use teloxide::types::Me;
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::inbox::access::AccessControl;
use super::inbox::albums::Albums;
use super::inbox::chat_locks::ChatLocks;
use super::inbox::dispatcher::Dispatcher;
use super::inbox::handler::{Handler, OPEN_FILES};
use super::inbox::listener::Listener;
use super::inbox::members::Members;
use super::inbox::tap_debounce::TapDebounce;
use super::inbox::updates::requester;
use super::inputs::input_fetcher::InputFetcher;
use super::inputs::picture_fetcher::PictureFetcher;
use super::options::TelegramOptions;
use super::outbox::advice::AdviceGiver;
use super::outbox::alerts::Alerts;
use super::outbox::api::Api;
use super::outbox::asked_files::send_asked_files;
use super::outbox::broadcast::Broadcaster;
use super::outbox::chat_directory::ChatDirectory;
use super::outbox::chat_queues::ChatQueues;
use super::outbox::delivery::DeliveryWorker;
use super::outbox::keyboard::EditorLinks;
use super::outbox::progress::Progress;
use super::outbox::results::ResultSender;
use super::outbox::sender::{FailedMask, Sender};
use super::persist::persist;
use super::tasks::{Supervisor, Tasks};
use super::{commands, profile};
use crate::jobs::StoreError;
use crate::orders::Orders;

/// How long each part of the shutdown may take. What is not done then is done after the next start.
const GRACE: Duration = Duration::from_secs(5);

/// The running bot.
pub(super) struct Service {
    supervisor: Supervisor,
    /// Ends the listener; the other tasks end with [`Tasks`].
    stop_listening: CancellationToken,
    listener_ended: CancellationToken,
    inbox_queues: ChatQueues,
    outbox_queues: ChatQueues,
    tasks: Tasks,
}

/// The parts of the outbox that others use.
struct Outbox {
    api: Api,
    sender: Arc<Sender>,
    progress: Arc<Progress<Api>>,
    delivery: Arc<DeliveryWorker>,
    directory: ChatDirectory,
    fetcher: PictureFetcher,
    broadcaster: Arc<Broadcaster>,
    failed_masks: mpsc::UnboundedReceiver<FailedMask>,
}

impl Outbox {
    fn new(bot: &Bot, me: &Me, options: &TelegramOptions, queues: &ChatQueues, tasks: &Tasks) -> Self {
        let editor = options.editor.as_ref();
        let editor = editor.map(|editor| EditorLinks { page: editor.page.clone(), bot: me.username().to_owned() });
        let (api, store) = (Api::new(bot.clone(), editor), options.store.clone());
        let progress = Arc::new(Progress::new(store.clone(), api.clone(), options.pace, tasks.clone()));
        let fetcher = PictureFetcher { api: api.clone(), archive: Arc::clone(&store.archive) };
        let directory = ChatDirectory { store: store.clone(), admin: Arc::clone(&options.admin) };
        let results = ResultSender {
            api: api.clone(),
            archive: Arc::clone(&store.archive),
            outbox: Arc::clone(&store.outbox),
            advice: AdviceGiver { chats: Arc::clone(&options.chats), policy: Arc::clone(&options.policy) },
        };
        let delivery = DeliveryWorker::new(results.clone(), Arc::clone(&progress), directory.clone(), tasks.clone());
        let delivery = Arc::new(delivery);
        let (failed, failed_masks) = mpsc::unbounded_channel();
        let sender = Arc::new(Sender {
            store,
            api: api.clone(),
            results,
            progress: Arc::clone(&progress),
            delivery: Arc::clone(&delivery),
            directory: directory.clone(),
            fetcher: fetcher.clone(),
            queues: queues.clone(),
            tasks: tasks.clone(),
            failed_masks: failed,
        });
        let broadcaster = Arc::new(Broadcaster {
            api: api.clone(),
            broadcasts: Arc::clone(&options.broadcasts),
            directory: directory.clone(),
            begun: Notify::new(),
        });
        Self { api, sender, progress, delivery, directory, fetcher, broadcaster, failed_masks }
    }

    fn handler(&self, me: &Me, options: &TelegramOptions, tasks: &Tasks) -> Handler {
        let policy = Arc::clone(&options.policy);
        Handler {
            store: options.store.clone(),
            chats: Arc::clone(&options.chats),
            admin: Arc::clone(&options.admin),
            broadcasts: Arc::clone(&options.broadcasts),
            orders: Orders::new(&options.store, Arc::clone(&policy)),
            access: AccessControl::new(policy, Arc::clone(&options.admin)),
            members: Members::new(self.api.clone()),
            api: self.api.clone(),
            sender: Arc::clone(&self.sender),
            progress: Arc::clone(&self.progress),
            broadcaster: Arc::clone(&self.broadcaster),
            directory: self.directory.clone(),
            fetcher: self.fetcher.clone(),
            tasks: tasks.clone(),
            albums: Albums::default(),
            chat_locks: ChatLocks::default(),
            tap_debounce: TapDebounce::default(),
            open_files: Arc::new(Semaphore::new(OPEN_FILES)),
            bot_id: requester(me.id).0,
            username: me.username().to_owned(),
            examples: options.examples.clone(),
            native: options.native,
            answers_small_talk: options.answers_small_talk,
            api_offer: options.api.clone(),
            editor: options.editor.clone(),
        }
    }
}

impl Service {
    /// Starts everything. What an earlier process did not send is sent before new updates are handled.
    pub(super) async fn start(bot: &Bot, me: &Me, options: &TelegramOptions) -> Self {
        let (tasks, inbox_queues, outbox_queues) = (Tasks::default(), ChatQueues::default(), ChatQueues::default());
        let outbox = Outbox::new(bot, me, options, &outbox_queues, &tasks);
        let handler = Arc::new(outbox.handler(me, options, &tasks));
        let mut service = Self {
            supervisor: Supervisor::default(),
            stop_listening: CancellationToken::new(),
            listener_ended: CancellationToken::new(),
            inbox_queues,
            outbox_queues,
            tasks,
        };
        service.resume(&outbox).await;
        service.spawn_outbox(options, &outbox);
        let input_fetcher = InputFetcher::new(options.store.clone(), outbox.fetcher.clone(), service.tasks.clone());
        service.supervise("input downloads", Arc::new(input_fetcher).run(service.tasks.stop().clone()));
        service.supervise("failed masks", Arc::clone(&handler).answer_failed_masks(outbox.failed_masks));
        service.listen(bot, me, options, &handler);
        service.publish(bot, options);
        let albums = Arc::clone(&handler);
        service.tasks.spawn_until_stop(async move { albums.resume_albums().await });
        service
    }

    /// Sends what an earlier process left.
    async fn resume(&self, outbox: &Outbox) {
        let post = || async {
            let messages = outbox.sender.post_unsent().await?;
            if messages > 0 {
                tracing::info!(messages, "sending messages that were not sent before");
            }
            Ok::<_, StoreError>(())
        };
        persist(self.tasks.stop(), "the list of unsent messages", post).await;
        match outbox.progress.stale_messages().await {
            Ok(stale) => {
                for (job, target) in stale {
                    let delivery = Arc::clone(&outbox.delivery);
                    self.outbox_queues.post(target.chat_id, async move { delivery.delete_status(job, target).await });
                }
            }
            Err(error) => tracing::error!(%error, "status messages that are left can not be found"),
        }
    }

    fn spawn_outbox(&mut self, options: &TelegramOptions, outbox: &Outbox) {
        let (progress, stop) = (Arc::clone(&outbox.progress), self.tasks.stop().clone());
        self.supervise("status messages", async move { progress.run().await });
        self.supervise("delivery", Arc::clone(&outbox.delivery).run(stop.clone()));
        self.supervise("files that are asked for", send_asked_files(Arc::clone(&outbox.sender)));
        let broadcaster = Arc::clone(&outbox.broadcaster);
        self.supervise("broadcasts", async move { broadcaster.run(stop).await });
        if !options.policy.admins.is_empty() {
            let alerts = Alerts {
                store: options.store.clone(),
                policy: Arc::clone(&options.policy),
                admin: Arc::clone(&options.admin),
                chats: Arc::clone(&options.chats),
                api: outbox.api.clone(),
            };
            self.supervise("alerts", alerts.run());
        }
    }

    fn listen(&mut self, bot: &Bot, me: &Me, options: &TelegramOptions, handler: &Arc<Handler>) {
        let dispatcher = Dispatcher::new(Arc::clone(handler), self.inbox_queues.clone(), self.tasks.clone());
        let inbox = Arc::clone(&options.store.inbox);
        let listener = Listener::new(bot.clone(), me.clone(), inbox, Arc::new(dispatcher));
        let (stop, ended) = (self.stop_listening.clone(), self.listener_ended.clone());
        self.supervisor.spawn("updates", async move {
            let _ended = ended.drop_guard();
            listener.run(stop).await;
        });
    }

    /// Brings menus and profile up to date.
    fn publish(&self, bot: &Bot, options: &TelegramOptions) {
        let (bot, policy, has_api) = (bot.clone(), Arc::clone(&options.policy), options.api.is_some());
        let editor = options.editor.clone();
        self.tasks.spawn_until_stop(async move {
            commands::publish(&bot, &policy, has_api, editor.is_some()).await;
            if let Some(editor) = editor {
                commands::publish_menu_button(&bot, &editor.page).await;
            }
            if !policy.keep_profile {
                profile::publish(&bot).await;
            }
        });
    }

    /// Runs a task as long as the bot serves.
    fn supervise(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.tasks.stop().clone();
        self.supervisor.spawn(name, async move {
            stop.run_until_cancelled(task).await;
        });
    }

    /// Waits until a task ends that should not. Returns its name.
    pub(super) async fn task_ended(&mut self) -> &'static str {
        self.supervisor.ended().await
    }

    /// Ends everything in order: no new updates, the updates in hand, their messages, then the rest.
    pub(super) async fn stop(self) {
        self.stop_listening.cancel();
        let _ = tokio::time::timeout(GRACE, self.listener_ended.cancelled()).await;
        self.inbox_queues.close(GRACE).await;
        self.outbox_queues.close(GRACE).await;
        self.tasks.close(GRACE).await;
        self.supervisor.close(GRACE).await;
    }
}
