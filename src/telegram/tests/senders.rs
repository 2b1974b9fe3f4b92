//! Who asks: people, administrators who stay anonymous, channels.

use super::*;
use crate::conversation::ChatState;
use crate::jobs::{Archive, Requester};

const GROUP: i64 = -5;
const OTHER_GROUP: i64 = -6;
const CHANNEL: i64 = -1009;
/// The platform's account for anonymous administrators of all groups, and the one for channels.
const GROUP_ANONYMOUS_BOT: i64 = 1_087_968_824;
const CHANNEL_BOT: i64 = 136_817_688;

fn supergroup(id: i64) -> Value {
    json!({"id": id, "type": "supergroup", "title": "Friends"})
}

impl Bot {
    /// An administrator of a group writes without a name.
    fn says_anonymously(&self, group: i64, message_id: i32, text: &str) {
        self.server.update("message", in_the_name_of(GROUP_ANONYMOUS_BOT, supergroup(group), group, message_id, text));
    }

    /// Somebody presses a button in a group.
    fn presses_in_group(&self, user: i64, group: i64, message_id: i32, data: &str) {
        let mut pressed = message(user, message_id, "buttons");
        (pressed["chat"], pressed["from"]) = (supergroup(group), fake_server::me());
        self.server.update(
            "callback_query",
            json!({
                "id": format!("press-{user}-{message_id}-{data}"), "chat_instance": "x", "data": data,
                "from": {"id": user, "is_bot": false, "first_name": "Anna", "language_code": "ru"},
                "message": pressed,
            }),
        );
    }

    /// The next question about a member of a group is answered like this.
    fn knows_member(&self, user: i64, status: &str, is_anonymous: bool) {
        let mut member = json!({"user": {"id": user, "is_bot": false, "first_name": "Anna"}, "status": status});
        if status == "administrator" {
            for right in [
                "can_be_edited",
                "can_manage_chat",
                "can_change_info",
                "can_delete_messages",
                "can_manage_video_chats",
                "can_invite_users",
                "can_restrict_members",
                "can_promote_members",
            ] {
                member[right] = json!(true);
            }
            member["is_anonymous"] = json!(is_anonymous);
        }
        self.server.fail_with("GetChatMember", 200, json!({"ok": true, "result": member}));
    }

    async fn makes_group_classic(&self, group: i64) {
        let state = ChatState { classic: true, ..ChatState::default() };
        self.saves_chat(group, &serde_json::to_string(&state).unwrap()).await;
    }
}

fn in_the_name_of(account: i64, sender: Value, chat: i64, message_id: i32, text: &str) -> Value {
    let mut message = message(chat, message_id, text);
    message["chat"] = supergroup(chat);
    message["from"] = json!({"id": account, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot"});
    message["sender_chat"] = sender;
    message
}

#[tokio::test]
async fn anonymous_administrators_of_two_groups_share_nothing() {
    let bot = Bot::start().await;
    bot.says_anonymously(GROUP, 11, "/imagine a secret cake");
    bot.server.call("SendMessage", 1).await;
    let job = bot.draws().await;
    bot.reaches(job, JobState::Delivered).await;
    bot.says_anonymously(OTHER_GROUP, 12, "/history");
    let text = bot.server.call("SendMessage", 2).await.text().to_owned();
    assert!(!text.contains("secret cake"), "{text}");
    bot.says_anonymously(GROUP, 13, "/history");
    assert!(bot.server.call("SendMessage", 3).await.text().contains("secret cake"));
    assert_eq!(bot.store.job(job).await.unwrap().unwrap().requester, Requester(GROUP));
}

#[tokio::test]
async fn a_channel_that_writes_in_a_group_is_its_own_requester() {
    let bot = Bot::start().await;
    let channel = json!({"id": CHANNEL, "type": "channel", "title": "News"});
    let message = in_the_name_of(CHANNEL_BOT, channel, GROUP, 11, "/imagine a boat");
    bot.server.update("message", message);
    bot.server.call("SendMessage", 1).await;
    let job = bot.draws().await;
    assert_eq!(bot.store.job(job).await.unwrap().unwrap().requester, Requester(CHANNEL));
    assert!(bot.store.recent(Requester(CHANNEL_BOT), None, None, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_limit_that_one_group_has_reached_stops_no_other() {
    let limits = crate::limits::Limits { waiting: 1, ..crate::limits::Limits::NONE };
    let bot = Bot::with(Policy { limits, ..Policy::default() }).await;
    bot.says_anonymously(GROUP, 11, "/imagine кот");
    bot.server.call("SendMessage", 1).await;
    bot.says_anonymously(OTHER_GROUP, 11, "/imagine кит");
    let answer = bot.server.call("SendMessage", 2).await;
    assert_eq!(bot.store.pending().await.unwrap().len(), 2, "{}", answer.text());
    bot.says_anonymously(GROUP, 12, "/imagine лиса");
    bot.server.call("SendMessage", 3).await;
    assert_eq!(bot.store.pending().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_post_of_the_linked_channel_is_not_answered() {
    let bot = Bot::start().await;
    let channel = json!({"id": CHANNEL, "type": "channel", "title": "News"});
    let mut post = in_the_name_of(777_000, channel, GROUP, 11, "спасибо, @kandinsky_bot, за обложку");
    post["is_automatic_forward"] = json!(true);
    post["entities"] = json!([{"type": "mention", "offset": 9, "length": 14}]);
    bot.server.update("message", post);
    bot.says(ANNA, 11, "/help");
    bot.server.call("SendMessage", 1).await;
    seconds(0.2).await;
    assert!(bot.texts_to(GROUP).is_empty(), "{:?}", bot.texts_to(GROUP));
}

#[tokio::test]
async fn the_card_of_an_anonymous_administrator_is_pressed_by_administrators_of_that_group_alone() {
    let bot = Bot::start().await;
    bot.makes_group_classic(GROUP).await;
    bot.says_anonymously(GROUP, 11, "/imagine кот");
    let start = bot.server.call("SendMessage", 1).await.button("✅ Draw");
    bot.knows_member(BORIS, "member", false);
    bot.presses_in_group(BORIS, GROUP, 1001, &start);
    let answer = bot.server.call("AnswerCallbackQuery", 1).await;
    assert!(!answer.text().is_empty() && bot.store.pending().await.unwrap().is_empty());
    bot.knows_member(ANNA, "administrator", true);
    bot.presses_in_group(ANNA, GROUP, 1001, &start);
    bot.server.call("AnswerCallbackQuery", 2).await;
    let job = bot.draws().await;
    assert_eq!(bot.store.job(job).await.unwrap().unwrap().requester, Requester(GROUP));
}

#[tokio::test]
async fn an_anonymous_administrator_asks_by_button_and_answers_in_words() {
    let bot = Bot::start().await;
    bot.says_anonymously(GROUP, 11, "/settings");
    let settings = bot.server.call("SendMessage", 1).await;
    let seed = settings.fields["reply_markup"].to_string();
    assert!(seed.contains("1:set:seed"), "{seed}");
    bot.knows_member(ANNA, "administrator", true);
    bot.presses_in_group(ANNA, GROUP, 1001, "1:set:seed");
    bot.server.call("EditMessageText", 1).await;
    let mut answer = in_the_name_of(GROUP_ANONYMOUS_BOT, supergroup(GROUP), GROUP, 12, "77");
    let mut question = message(GROUP, 1001, "seed?");
    (question["chat"], question["from"]) = (supergroup(GROUP), fake_server::me());
    answer["reply_to_message"] = question;
    bot.server.update("message", answer);
    bot.server.call("SendMessage", 2).await;
    let state = crate::chats::ChatStore::chat_state(&*bot.store, GROUP).await.unwrap().unwrap();
    assert!(state.contains("\"seed\":77"), "{state}");
}

#[tokio::test]
async fn history_in_a_group_shows_what_was_asked_for_there() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "подарок для Бориса");
    bot.server.call("SendMessage", 1).await;
    let secret = bot.draws().await;
    bot.reaches(secret, JobState::Delivered).await;
    bot.says_in_group(ANNA, 12, "/imagine кит", json!({}));
    bot.server.call("SendMessage", 2).await;
    let job = bot.draws().await;
    bot.reaches(job, JobState::Delivered).await;
    bot.says_in_group(ANNA, 13, "/history", json!({}));
    let text = bot.server.call("SendMessage", 3).await.text().to_owned();
    assert!(text.contains("кит") && !text.contains("подарок"), "{text}");
    bot.says(ANNA, 14, "/history");
    let text = bot.server.call("SendMessage", 4).await.text().to_owned();
    assert!(text.contains("кит") && text.contains("подарок"), "{text}");
    // A button from before does not bring it into the group either.
    let photos = bot.server.calls("SendPhoto").len();
    bot.presses_in_group(ANNA, GROUP, 50, &format!("1:resend:{secret}"));
    assert_eq!(bot.server.call("AnswerCallbackQuery", 1).await.text(), "Эта кнопка устарела");
    seconds(0.2).await;
    assert_eq!(bot.server.calls("SendPhoto").len(), photos);
}
