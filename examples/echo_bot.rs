//! A bot of a few lines in the playground: `cargo run --example echo_bot [PORT]`.
//!
//! It shows each thing that the page can show (text with marks, buttons, notes, edits, photos, albums, files)
//! and needs no model, so the page can be worked on alone. `/start` lists what it does.

#![allow(clippy::print_stderr)]

use std::error::Error;
use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use image::{ImageFormat, Rgb, RgbImage};
use kandinsky_bot::playground::{Options, Playground, Suggestion};
use teloxide::net::Download;
use teloxide::prelude::*;
use teloxide::types::{
    BotCommand, ChatAction, FileId, InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryResult,
    InlineQueryResultCachedPhoto, InputFile, InputMedia, InputMediaPhoto, Me, ParseMode, ReplyParameters,
};

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    let port = std::env::args().nth(1).map_or(Ok(8080), |port| port.parse())?;
    let suggestion = |ru: &str, en: &str| Suggestion { ru: ru.to_owned(), en: en.to_owned(), picture: None };
    let suggestions = vec![
        suggestion("красный дом", "a red house"),
        suggestion("синий кот", "a blue cat"),
        suggestion("жёлтое солнце", "a yellow sun"),
        suggestion("зелёное дерево", "a green tree"),
        suggestion("рыба в море", "a fish in the sea"),
        suggestion("луна ночью", "the moon at night"),
        suggestion("белая лодка", "a white boat"),
    ];
    let playground = Playground::start(port, Options { suggestions, ..Options::default() }).await?;
    println!("{}", playground.url());
    let bot = Bot::new(playground.token()).set_api_url(playground.api_url().parse()?);
    let command = |name: &str, about: &str| BotCommand::new(name, about);
    bot.set_my_commands([command("start", "Menu"), command("album", "Four pictures"), command("file", "A file")])
        .await?;
    bot.set_my_commands([
        command("start", "Меню"),
        command("album", "Четыре картинки"),
        command("file", "Файл"),
        command("text", "Длинный текст"),
        command("progress", "Ход работы"),
    ])
    .language_code("ru")
    .await?;
    let handler = dptree::entry()
        .branch(Update::filter_message().endpoint(answer))
        .branch(Update::filter_callback_query().endpoint(pressed))
        .branch(Update::filter_inline_query().endpoint(typed));
    let album = Album::default();
    Dispatcher::builder(bot, handler)
        .dependencies(dptree::deps![album])
        .enable_ctrlc_handler()
        .build()
        .dispatch()
        .await;
    playground.stop().await;
    Ok(())
}

/// The photos of the last album, to choose from inline.
type Album = Arc<Mutex<Vec<FileId>>>;

async fn answer(bot: Bot, me: Me, album: Album, message: Message) -> Outcome {
    let chat = message.chat.id;
    match message.text().unwrap_or_default() {
        "/start" => {
            let about = "<b>Привет!</b> Напишите, что нарисовать.\n<i>/album</i> — альбом, /file — файл, /text — длинный текст, /progress — ход работы";
            bot.send_message(chat, about).parse_mode(ParseMode::Html).reply_markup(menu()).await?;
        }
        "/album" => {
            let shapes = [(320, 320), (480, 320), (320, 480), (400, 400)];
            let item = |(n, (w, h))| InputMedia::Photo(InputMediaPhoto::new(picture(n, w, h)));
            let sent = bot.send_media_group(chat, shapes.into_iter().zip(0..).map(|(s, n)| item((n, s)))).await?;
            let largest = sent.iter().filter_map(|message| Some(message.photo()?.last()?.file.id.clone()));
            *album.lock().unwrap_or_else(PoisonError::into_inner) = largest.collect();
        }
        "/spoiler" => {
            bot.send_photo(chat, picture(5, 320, 320)).has_spoiler(true).caption("Прикрыто").await?;
        }
        "/link" => {
            let link = format!("{}?start=r_7", me.tme_url());
            bot.send_message(chat, link).reply_markup(inline_buttons()).await?;
        }
        opened if opened.starts_with("/start ") => {
            bot.send_message(chat, format!("Открыто по ссылке: {}", &opened[7..])).await?;
        }
        "/file" => {
            let file = picture(7, 640, 480).file_name("картина с очень длинным именем файла.png");
            bot.send_document(chat, file).caption("Без сжатия").await?;
        }
        "/text" => {
            bot.send_message(chat, "Абстракция — это язык, в котором цвет звучит. ".repeat(40)).await?;
        }
        "/progress" => progress(&bot, &message).await?,
        "" => received(&bot, &message).await?,
        prompt => draw(&bot, &message, prompt).await?,
    }
    Ok(())
}

async fn draw(bot: &Bot, message: &Message, prompt: &str) -> Outcome {
    bot.send_chat_action(message.chat.id, ChatAction::UploadPhoto).await?;
    tokio::time::sleep(Duration::from_millis(700)).await;
    bot.send_photo(message.chat.id, picture(u32::try_from(prompt.len())?, 384, 384))
        .caption(format!("«{prompt}» · 384×384"))
        .reply_parameters(ReplyParameters::new(message.id))
        .reply_markup(menu())
        .await?;
    Ok(())
}

async fn progress(bot: &Bot, message: &Message) -> Outcome {
    let cancel = InlineKeyboardMarkup::new([[InlineKeyboardButton::callback("✖️ Отменить", "note:Отменено")]]);
    let status = bot.send_message(message.chat.id, "Добавил в очередь…").reply_markup(cancel.clone()).await?;
    for percent in [20, 40, 60, 80] {
        tokio::time::sleep(Duration::from_millis(600)).await;
        bot.edit_message_text(status.chat.id, status.id, format!("Рисую… {percent} %"))
            .reply_markup(cancel.clone())
            .await?;
    }
    let media = InputMediaPhoto::new(picture(3, 256, 256)).caption("Готово");
    bot.edit_message_media(status.chat.id, status.id, InputMedia::Photo(media)).await?;
    Ok(())
}

async fn received(bot: &Bot, message: &Message) -> Outcome {
    let photo = message.photo().and_then(<[_]>::last).map(|size| &size.file);
    let Some(file) = photo.or(message.document().map(|document| &document.file)) else { return Ok(()) };
    let path = bot.get_file(file.id.clone()).await?.path;
    let mut bytes = Vec::new();
    bot.download_file(&path, &mut bytes).await?;
    bot.send_message(message.chat.id, format!("<code>{path}</code>, {} B", bytes.len()))
        .parse_mode(ParseMode::Html)
        .reply_parameters(ReplyParameters::new(message.id))
        .await?;
    Ok(())
}

/// Offers the photos of the last album.
async fn typed(bot: Bot, album: Album, query: InlineQuery) -> Outcome {
    let photos = album.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let result =
        |(n, id)| InlineQueryResult::CachedPhoto(InlineQueryResultCachedPhoto::new(n, id).caption(&query.query));
    let results: Vec<_> = ["0", "1", "2", "3"].into_iter().zip(photos).map(result).collect();
    bot.answer_inline_query(query.id, results).cache_time(0).await?;
    Ok(())
}

fn inline_buttons() -> InlineKeyboardMarkup {
    InlineKeyboardMarkup::new([[InlineKeyboardButton::switch_inline_query_current_chat("🖼 Поделиться", "кот")]])
}

async fn pressed(bot: Bot, query: CallbackQuery) -> Outcome {
    let data = query.data.clone().unwrap_or_default();
    let (kind, text) = data.split_once(':').unwrap_or((data.as_str(), ""));
    bot.answer_callback_query(query.id.clone()).text(text).show_alert(kind == "alert").await?;
    if kind == "remove"
        && let Some(message) = query.regular_message()
    {
        bot.delete_message(message.chat.id, message.id).await?;
    }
    Ok(())
}

fn menu() -> InlineKeyboardMarkup {
    let button = |text: &str, data: &str| InlineKeyboardButton::callback(text, data);
    InlineKeyboardMarkup::new([
        vec![button("🎲 Ещё раз", "note:Ещё раз"), button("🔁 Вариации", "alert:Это окно, которое надо закрыть.")],
        vec![button("✍️ Изменить описание", "none"), button("🎨 Изменить стиль", "none")],
        vec![button("📄 Файл", "none"), button("ℹ️ Параметры", "none"), button("🗑", "remove")],
    ])
}

/// Coloured circles, another arrangement for each seed.
fn picture(seed: u32, width: u32, height: u32) -> InputFile {
    let at = |x: u32, y: u32, n: u32| {
        let (cx, cy) = ((seed * 97 + n * 131) % width, (seed * 53 + n * 89) % height);
        x.abs_diff(cx).pow(2) + y.abs_diff(cy).pow(2) < (20 + n * 14).pow(2)
    };
    let colours = [[52, 80, 196], [216, 65, 47], [242, 182, 50], [42, 157, 143], [29, 38, 96]];
    let pixel = |x, y| {
        let circle = colours.iter().zip(0..).find(|(_, n)| at(x, y, *n));
        Rgb(circle.map_or([246, 236, u8::try_from(217 - y * 40 / height).unwrap_or(200)], |(colour, _)| *colour))
    };
    let mut bytes = Cursor::new(Vec::new());
    let _written = RgbImage::from_fn(width, height, pixel).write_to(&mut bytes, ImageFormat::Png);
    InputFile::memory(bytes.into_inner()).file_name("picture.png")
}
