# The chat.

## Beginning and help

greeting = Hi! Describe a picture in English or Russian and I’ll draw it. I can also mix pictures, make variations, redraw parts of them and extend their edges.
greeting-how = Just write what to draw, or choose a mode.
greeting-how-in-group = To have me draw, write /imagine and a description.
greeting-examples = To begin, try:

help =
    Describe the picture in your own words: what is in it, its colours, the background. I’ll draw it and send it here.

    Send a picture and I’ll make variations, change it by text, redraw a part, extend its edges, enlarge it or say what is in it. An album, a picture in reply to a picture, or two in a row after /mix: I’ll mix them.

    Reply to one of my pictures with a new description and I’ll redraw it with that. Send it as a file and I’ll give you back all its parameters.

    For experts, right in the description: --ar 16:9 --no water --seed 42 --style anime --n 2 --steps 50. Or on a second line: “Without: water”.

    In a group, call me with /imagine. The other commands are in the menu beside the text field.

help-translator = Translation: OPUS-MT, University of Helsinki, CC BY 4.0

command-start = Menu
command-imagine = Draw from text
command-mix = Mix pictures, or a picture and text
command-variations = Variations of a picture
command-change = Change a picture by text
command-inpaint = Redraw a part of a picture
command-outpaint = Extend a picture
command-upscale = Enlarge a picture
command-describe = Describe what is in a picture
command-style = Choose a style
command-settings = Size, count, seed, language
command-queue = My requests in the queue
command-cancel = Stop drawing
command-history = Latest pictures
command-help = How to use
command-privacy = What I keep
command-forget = Delete everything about me
command-stats = The bot in figures
command-pause = Pause the queue
command-resume = End the pause
command-ban = Ban somebody: /ban ID
command-unban = Unban them: /unban ID
command-broadcast = Write to everybody: /broadcast text
command-key = Keys for other programs: /key name

command-misspelt = There’s no such command. Did you mean /{ $command }?
command-unknown = There’s no such command. Everything I can do is in /help.

## Description

prompt-empty = What should I draw? Write it after the command, for example: /imagine { $example }
prompt-example = a cat in a hat
prompt-too-long =
    { $length ->
        [one] Your description has { $length } character
       *[other] Your description has { $length } characters
    }, and { $limit } is the most. Please shorten it and send it again.

unsupported-sticker = Nice sticker! What I need is words or a picture, though. Tell me what to draw.
unsupported-voice = I can’t listen, sorry. Please write what to draw.
unsupported-video = I can’t watch videos or GIFs, sorry. Send a photo, or tell me in words what to draw.
unsupported-file = I can’t open files like this one. Send a picture: PNG, JPEG or WebP.
unsupported-other = I can’t make sense of that one. Tell me in words what to draw.
edited = I see you changed your message, but I go by the first version. To use the new one, please send it as a new message.
small-talk-greeting = Hi! Describe a picture and I’ll draw it. For example:
small-talk-thanks = My pleasure! What shall I draw next?
small-talk-question = I draw from a description: write what the picture should show. Everything I can do is in /help. For example:
small-talk-signs = Describe a picture in words. For example:
button-command-meant = ✅ Yes, /{ $command }
button-flag-meant = ✅ Correct and draw
button-draw-anyway = 🖌 Draw it anyway
edited-offer = I see you changed the description. Shall I draw the new one?
button-draw-edited = ✏️ Draw the new one

# How a second line begins that says what shall not be there.
negative-line = Without:
flag-misspelt = There’s no flag --{ $name }. Did you mean --{ $nearest }?
correct-and-send = Please correct it and send it again.
flag-unknown = There’s no flag --{ $name }. There are --ar, --no, --seed, --style, --n, --steps, --strength and --iw.
flag-value = I can’t read “--{ $name } { $value }”. { $hint }
flag-scale = “--{ $name } { $value }”: which share is that? Write it from 0 to 1 or in percent: --{ $name } 0.7 is the same as --{ $name } 70%.
flag-twice = The flag --{ $name } is there twice with different values. Please keep one and send it again.
flag-unused-ar = --ar isn’t needed here: the proportions are those of the picture.
flag-unused-iw = --iw isn’t needed here: it’s for mixing a picture with a text.
flag-unused-strength = --strength isn’t needed here: it’s for changing a picture by a text.
vary-without-text = Variations go without words, so I’ll leave out “{ $prompt }”. To change a picture by text, there’s /change.
negative-too-long =
    { $length ->
        [one] The list of what to leave out has { $length } character
       *[other] The list of what to leave out has { $length } characters
    }, and { $limit } is the most. Please shorten it and send it again.
flag-hint-ar = Write the proportions, for example --ar 16:9.
flag-hint-no = Write what should not be there: --no water.
flag-hint-seed = Write a whole number, for example --seed 42.
flag-hint-style = Write the name of a style, for example --style anime. All of them are in /style.
flag-hint-n = It can be 1 to 4 pictures: --n 2.
flag-hint-steps = It can be 1 to 200 steps: --steps 50.
flag-hint-iw = Write the picture’s share of the mix, for example --iw 0.7.
flag-hint-strength = Write how much to change, in percent: --strength 50.

# Words that turn a setting off, commands for a larger picture and for a description, and words for this language; capitals do not count.
off-words = off, no, none, nothing, clear, reset, -, —
larger-words = larger, enlarge, bigger
describe-words = caption, interrogate
language-words = english, eng, английский, по-английски, англ

## Pictures that people send

picture-received = Got the picture. What shall I do with it?
pictures-received = Got the pictures. What shall I do with them?
caption-use = A picture and the text “{ $prompt }”. Mix them, or change the picture by the text? I’ll remember the answer; you can change it in /settings.
picture-too-small = The picture is too small: it needs at least { $least } pixels on each side. Please send a larger one.
picture-too-thin = The picture is too thin: one side is over 20 times as long as the other. Please crop it and send it again.
picture-too-heavy = The file is over 20 MB, and Telegram won’t hand it to me. Send it as a photo, or make it smaller.
picture-unreadable = I can’t open this file. Send a picture as PNG, JPEG or WebP.
picture-damaged = The file is damaged or didn’t arrive whole. Please send it again.
picture-too-many-pixels = The picture has too many pixels: { $size }. I can take up to { $limit } million, and no more than { $side } on a side. Please make it smaller and send it again.
picture-gone = That picture isn’t there any more. Please send it again.
inputs-gone = The original picture has been deleted by now. Send it again and we’ll start over.

ask-picture-draw = Send a picture.
ask-picture-mix = Send two pictures, one by one or as an album. Or a picture and a text.
ask-picture-vary = Send a picture and I’ll make variations of it.
ask-picture-change = Send a picture and write what it should become.
ask-picture-inpaint = Send the picture you’d like to touch up.
ask-picture-outpaint = Send the picture that should be extended.
ask-picture-upscale = Send the picture that should be enlarged.
ask-picture-describe = Send a picture and I’ll say what is in it.
answer-this-message = In a group, send it as a reply to this message.
ask-second-part = Got the first picture. Now send the second, or write a text.

ask-prompt-draw = Describe the picture: what is in it, its colours, its mood.
ask-prompt-mix = Write the text for the mix.
ask-prompt-vary = Write a description.
ask-prompt-change = What should it become? Tell me in words.
ask-prompt-inpaint = What should I draw there?
ask-prompt-outpaint = What should I draw around it?

recipe-restored = I know that picture! Here are its parameters.
recipe-shown = Here are this picture’s parameters.
recipe-needs-pictures = This one needs its original pictures, and they aren’t here. Send your own and choose a mode.
link-stale = This link doesn’t work any more. Tell me in words what to draw.

## Larger pictures

upscale-how = How much larger?
upscale-twice-at-most = 4× would be too large for this picture. Shall I make it 2× larger?
upscale-too-large = This picture is large already: { $size }. Enlarged, it would have more than { $limit } million pixels or { $side } on a side, and that’s too much for me. Crop the part you need, or send a smaller one.
upscale-unread = I can’t make sense of “{ $words }” here: I can enlarge a picture 2× or 4×.

## What a picture shows

described = Looks like { $prompt }.
described-style = Style: “{ $style }”.
described-others = Other guesses: { $names }.
describe-without-flags = A description needs no flags.
describe-without-text = I’ll simply say what I see: I can’t take “{ $words }” into account.
described-nothing = I can’t make out what this is. Try a picture where the main thing is larger. Or describe it in words and I’ll draw it.
button-described-draw = 🖌 Draw

## Masks

mark-how =
    How will you show me what to redraw?

    🖌 paint over it right in Telegram
    📎 send a mask: I’ll redraw what is white
    🔲 choose one of the usual areas
mark-paint-how = Open the picture in Telegram’s editor, paint over the spot in one bright colour and send it here. Please don’t crop or rotate it.
mark-file-how = Send a mask of the same size: I’ll redraw what is white and keep what is black. A PNG with a transparent spot works too.
mark-area = Which part shall I redraw?
area-top = ⬆️ Top half
area-bottom = ⬇️ Bottom half
area-left = ⬅️ Left half
area-right = ➡️ Right half
area-centre = ⏺ Centre
area-border = 🔲 Border
mask-right = I’ll redraw what is marked red. All right?
mask-nothing = I can’t see anything marked. Paint over the spot a bit more boldly and send it again.
mask-unclear = Part of the mask is transparent, and I can’t tell which part you mean. Paint what should be redrawn white, the rest black, and send it again.
mask-everything = Nearly everything seems to be marked. Paint over only what should be redrawn and send it again.
mask-shape = The mask has different proportions from the picture. Please don’t crop or rotate it, and send it again.

## Queue

job-queued = Added to the queue.
job-requeued = The bot was restarted; your request is back in the queue.
job-queued-larger = Added to the queue.
job-queued-describe = I’ll take a look at the picture.
job-drawing = Drawing…
job-drawing-percent = Drawing… { $percent }%
job-enlarging = Enlarging…
job-enlarging-percent = Enlarging… { $percent }%
job-describing = Looking at the picture…
job-describing-percent = Looking at the picture… { $percent }%
job-cancelled = Cancelled.
job-failed-engine = The drawing didn’t work out: something went wrong on my side. Please try again.
job-failed-crashed = The drawing didn’t work out: the bot was restarted several times while it was being drawn. Please try again.
job-failed-describe = I couldn’t make out the picture: something went wrong on my side. Please try again.
job-failed-picture-gone = It didn’t work out: the original picture isn’t there any more. Please send it again.
job-failed-bad-picture = I couldn’t open the original picture: the file seems to be damaged or too large. Please send it again.
job-failed-bad-mask = The mask didn’t fit: it is empty, covers everything, or belongs to another picture. Please mark the spot again.
job-failed-unreadable = I can’t read this request; it seems to come from an older version. Please send the description again.
trouble = That couldn’t be saved. Please try again a little later.
job-failed-too-large = The picture would come out too large. Choose a smaller scale, or send a smaller picture.

place-paused = The bot is paused and your request is saved: I’ll start as soon as the pause is over.
place-loading = The model is loading… I’ll start as soon as it’s ready.
place-first = Starting now.
place-first-estimate = Starting now. This usually takes { $duration }.
place-later = You’re number { $position } in line.
place-later-estimate = You’re number { $position } in line. Time left: { $duration }.

duration-moment = a few seconds
duration-seconds =
    { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }
duration-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
duration-hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }

queue-empty = You have no requests in the queue. Write what to draw.
queue-title =
    { $count ->
        [one] You have { $count } request in the queue:
       *[other] You have { $count } requests in the queue:
    }
queue-job = { $number }. “{ $prompt }”
queue-more =
    { $count ->
        [one] and { $count } more
       *[other] and { $count } more
    }

cancel-which = Which request should I cancel?
cancel-nothing = Nothing to cancel: you have no requests in the queue.
cancel-done = Cancelled.
cancel-stopping = Stopping.
cancel-too-late = Too late: the picture is ready.
cancel-not-yours = Only the person who asked can cancel it.
cancel-done-all =
    { $count ->
        [0] Nothing left to cancel.
        [one] Cancelled { $count } request.
       *[other] Cancelled { $count } requests.
    }

## Picture

result-caption = “{ $prompt }”
result-mix = Mix
result-vary = Variation
result-inpaint = Redrawn part
result-outpaint = Extended picture
result-told = { $what }: “{ $prompt }”
result-upscale = Enlarged { $scale }×
result-resampled = There’s no upscaling model here, so the picture is simply stretched: it has no new detail.
quoted-word = “{ $word }”
result-unknown-words = { $count ->
    [one] The miniature doesn’t know the word { $words } and drew without it.
   *[other] The miniature doesn’t know the words { $words } and drew without them.
}
result-knows-nothing = The miniature doesn’t know what this is ({ $words }) and drew at random. Try “a cat on a blue background” or “a red rocket”.
result-unread = The description is longer than I can read: I left out its end, from “{ $words }…” on.
result-unread-negative = The list of what to leave out is longer than I can read: I left off its end, from “{ $words }…” on.
result-picked = What next with picture { $number }?
result-as-file = Telegram won’t take this picture as a photo, so here it is as a file.
result-covered = Not everybody may like this picture, so it’s covered. Tap “File” to get it at full size.
result-as-jpeg = The PNG came out too large for Telegram, so here it is as a JPEG.
result-as-small-photo = It couldn’t go as a file, so here it is as a JPEG, made smaller where needed.
result-photos-forbidden = Photos aren’t allowed here, so here it is as a file.
result-forbidden = The picture is ready, but I’m not allowed to send photos or files here. Please ask an administrator to allow it, then tap the button.
button-resend = 📤 Send it again
file-gone = The file is gone by now. Tap “Again” and I’ll draw it once more.
larger-file-gone = The file is gone by now. If the picture is still there, enlarge it once more.
deleted = Deleted.
delete-not-yours = Only the person who asked, or an administrator of the group, can delete it.
share-link = This link opens the same parameters for anybody: { $link }
reprompt = Send the new description. The old one: “{ $prompt }”
reprompt-new = Write what this picture should become.

task-draw = Picture from text
task-mix = Mix
task-vary = Variation
task-change = Change by text
task-inpaint = Redrawn part
task-outpaint = Extension
task-upscale = Larger picture
task-describe = Description of a picture
info-shares = Shares: { $value }
info-strength = Strength: { $value }
info-closeness = Similarity: { $value }
info-scale = Scale: { $value }
info-steps = Steps: { $value }
info-translation = Drawn as: { $value }
english-ask =
    Send the English text I should draw “{ $written }” from. The seed stays the same. The text is now:

    { $english }
english-needed = I need a text in English here, for example: a red cat on a roof
advice-english = This model understands English best. Describe it in English and the picture will come out closer.
advice-translator = This model understands English best. To have me translate descriptions, download the translator with kandinsky-bot model fetch and restart the bot.

history-title = Your latest pictures. Tap a number and I’ll send it again.
history-empty = Nothing here yet. Write what to draw.
history-prompt = “{ $prompt }”
inline-nothing = Draw something first
inline-not-served = Sorry, I can’t help you here

## The card

card-title-draw = Parameters
card-title-mix = Mix
card-title-vary = Variations
card-title-change = Change by text
card-title-inpaint = Redraw a part
card-title-outpaint = Extend
card-title-settings = Settings
card-prompt = Description: { $value }
card-part = • { $value }
card-part-picture = picture { $number }
card-part-text = text “{ $prompt }”
card-style = Style: { $value }
card-size = Size: { $value }
card-negative = Leave out: { $value }
card-count = How many: { $value }
card-seed = Seed: { $value }
card-seed-any = random
card-none = none
card-left-out =
    { $count ->
        [one] I’ll take the first picture only.
       *[other] I’ll take the first { $count } pictures.
    }
card-not-yours = These buttons belong to somebody else. Write /imagine and you’ll get your own.
card-ask-prompt = Write the description.
card-ask-negative = Write what should not be in the picture.
card-ask-seed = Write a seed, a whole number. The same seed and description give the same picture.
seed-no-number = A seed is a whole number, for example 42. Please write it again.
draft-forgotten = All right, cancelled. Write what to draw.
size-choose = Which size?
count-choose = How many pictures?
strength-30 = Slightly { $percent }%
strength-50 = Medium { $percent }%
strength-70 = Strongly { $percent }%
closeness-0 = Any
closeness-30 = Similar
closeness-60 = Almost the same
extend-left = ⬅️ Left
extend-right = ➡️ Right
extend-up = ⬆️ Up
extend-down = ⬇️ Down
extend-half = 🔍 1.5×
extend-square = ⬜ Square
extend-to = { $ratio }

## Settings

settings-title = Settings of this chat
settings-speed = When you write: { $value }
speed-quick = drawn right away
speed-classic = parameters first
settings-previews = Show sketches: { $value }
settings-translate = Translate descriptions: { $value }
settings-captions = A picture with a caption: { $value }
captions-ask = I ask
captions-mix = mixed with the text
captions-change = changed by the text
settings-ask-negative = Write what should never be drawn in this chat.
settings-ask-seed = Write a seed, a whole number, for all new pictures.
yes = yes
no = no

## What I don't draw, and how much

refused-minors = I don’t draw that: it looks like sexual content about children or teenagers. If you meant something else, please describe it differently.
refused-sexual = I don’t draw that: it looks like sexual content. If you meant something else, please describe it differently.
refused-hate = I don’t draw that: it looks like hateful content. If you meant something else, please describe it differently.
refused-gore = I don’t draw that: it looks like graphic violence. If you meant something else, please describe it differently.

limit-waiting =
    { $count ->
        [one] One request at a time is the limit, and one of yours is in the queue.
       *[other] { $count } requests at a time is the limit, and that many of yours are in the queue.
    } Please wait for at least one picture.
limit-hour =
    { $count ->
        [one] That’s the limit for an hour: you asked for { $count } picture.
       *[other] That’s the limit for an hour: you asked for { $count } pictures.
    }
limit-day =
    { $count ->
        [one] That’s the limit for a day: you asked for { $count } picture.
       *[other] That’s the limit for a day: you asked for { $count } pictures.
    }
limit-chat-hour =
    { $count ->
        [one] That’s this chat’s limit for an hour: { $count } picture.
       *[other] That’s this chat’s limit for an hour: { $count } pictures.
    }
limit-next = The next one is possible in about { $duration }.

stranger = This bot draws for its owner’s friends, and you aren’t on the list yet. If you’d like to draw here, ask the bot’s owner to add you. Your Telegram ID: { $id }
banned = Sorry, the bot’s owner has banned you.

## What is kept

privacy =
    What I keep:

    • Your descriptions and the chat’s settings — until you delete them.
    • Photos that you sent — { $inputs }.
    • Finished pictures — { $results }.

    All of it is in a database on the machine of the bot’s owner. That’s where I draw, too: nothing goes anywhere but into this chat.
privacy-hours =
    { $count ->
        [one] { $count } more hour
       *[other] { $count } more hours
    } after I send the picture
privacy-days =
    { $count ->
        [one] { $count } more day
       *[other] { $count } more days
    } after I send the picture
privacy-unlimited = until you delete them
privacy-disk = When disk space runs low, old pictures are deleted sooner.
privacy-forget = To delete everything at once: /forget.

forget-ask = Delete everything: your descriptions, photos, finished pictures and settings? Requests in the queue will be cancelled. This can’t be undone. Messages in this chat stay: only you can delete those.
forget-done = Done: I deleted everything I kept about you.
forget-done-times = For one more day I only remember when you asked for pictures, so that limits stay right.
forget-trouble = I couldn’t delete it. Please try again a little later.
forget-not-done = All right, nothing is deleted.
forget-in-private = Please write /forget to me in private: here anybody could tap the button.

## Keys for other programs

key-none = With a key, another program can draw here as if you had asked: in the same queue and with the same limits.
key-new = For a new key, write /key and the program’s name, for example: /key Open WebUI
key-list = Your keys:
key-line = • { $name } — { $used }
key-never-used = not used yet
key-used-today = used within the last day
key-used =
    { $count ->
        [one] used { $count } day ago
       *[other] used { $count } days ago
    }
key-made =
    The key “{ $name }” is ready:

    { $key }

    Address for the program: { $url }

    Save the key now: I won’t show it again. Whoever knows it draws in your name. You can remove it with /key.
key-name-taken = You already have a key “{ $name }”. Choose another name, or remove that one first with /key.
key-bad-name = A name is one line of at most { $limit } characters, for example: /key Open WebUI
key-too-many = You already have { $count } keys, and that’s the most. Remove one you don’t need with /key.
key-removed = The key “{ $name }” is removed
key-in-private = Keys are secret: please write /key to me in private.
key-not-served = The API for other programs is off. To turn it on, set KANDINSKY_WEB_LISTEN, for example to 127.0.0.1:8081.

## For the owner

owner-stats =
    People: { $people }, last day: { $people-today }
    Requests: { $jobs }, last day: { $jobs-today }
    Waiting: { $waiting }, running: { $running }
    Failed: { $failed }, last day: { $failed-today }
    Usual drawing time: { $median }
    Database on disk: { $megabytes } MB
    Running for: { $uptime }
owner-unknown = not known yet
owner-stats-paused = The queue is paused; /resume ends it
owner-paused = The queue is paused. What is being drawn will be finished, new requests are kept. /resume ends the pause
owner-resumed =
    { $count ->
        [0] The pause is over. The queue is empty.
        [one] The pause is over. There is { $count } request in the queue.
       *[other] The pause is over. There are { $count } requests in the queue.
    }
owner-ban-whom = Who? Reply to their message with this command, or write their Telegram ID: /ban 123456789
owner-ban-nobody = Neither owners nor I can be banned.
owner-banned = { $id }: banned, requests in the queue cancelled.
owner-banned-already = { $id }: banned already.
owner-unbanned = { $id }: unbanned.
owner-unbanned-already = { $id }: wasn’t banned.
owner-broadcast-what = Write what? Put the text right after the command: /broadcast The bot has a day off tomorrow.
owner-broadcast-ask =
    { $count ->
        [one] Send this to { $count } chat?
       *[other] Send this to { $count } chats?
    }
owner-broadcast-dropped = All right, I’m writing to nobody.
owner-broadcast-progress = Sending: { $sent } of { $all }. Blocked the bot: { $gone }, not accepted: { $refused }
owner-broadcast-done = Sent: { $sent } of { $all }. Blocked the bot: { $gone }, not accepted: { $refused }
owner-alert =
    { $count ->
        [one] { $count } picture failed in a row.
       *[other] { $count } pictures failed in a row.
    } Please look into the log. I’ll write again only if it happens anew after a picture that works.

## Style and language

style-choose = Choose a style for all new pictures.
style-choose-card = Which style?
style-unknown = There’s no such style. Choose one of these:
style-choose-other = Style: { $style }. All new pictures will be in it.
style-chosen = Style: { $style }
style-redraw-untitled = In which style should I redraw it?
style-redraw = In which style should I draw “{ $prompt }”?

language-name = English
language-changed = I speak English now.
language-unknown = I speak English and Russian: /lang en or /lang ru.

## Buttons

button-styles = 🎨 Style
button-help = ❓ Help
button-cancel = ✖️ Cancel
button-cancel-all = ✖️ Cancel all
button-refresh = 🔄 Refresh
button-again = 🎲 Again
button-mix-anew = 🧬 New mix
button-variations = 🔁 Variations
button-reprompt = ✍️ Edit description
button-restyle = 🎨 Change style
button-mix = 🧬 Mix
button-inpaint = 🖌 Redraw a part
button-outpaint = ↔️ Extend
button-upscale = 🔍 Larger
button-describe = 👁 Describe
button-vary = 🔁 Variations
button-change = ✏️ Change
button-file = 📄 File
button-info = ℹ️ Parameters
button-ask-delete = 🗑
button-delete = 🗑 Delete
button-keep = Keep it
button-to-card = 📝 Change parameters
button-english = ✏️ Edit translation
button-share = 🔗 Link
button-older = ⬇️ Earlier
button-mix-with-text = 🧬 Mix with the text
button-change-by-text = ✏️ Change by the text

menu-draw = 🖼 Draw from text
menu-mix = 🧬 Mix
menu-vary = 🔁 Variations
menu-change = ✏️ Change
menu-inpaint = 🖌 Redraw a part
menu-outpaint = ↔️ Extend
menu-upscale = 🔍 Larger
menu-describe = 👁 Describe a picture
button-settings = ⚙️ Settings

button-start = ✅ Draw
button-style = 🎨 Style
button-size = 📐 Size
button-negative = ⛔ Leave out
button-count = 🔢 How many
button-seed = 🌱 Seed
button-prompt = ✍️ Description
button-back = ◀️ Back
button-discard = ✖️ Cancel
button-no-prompt = No description
button-no-negative = Leave out nothing
button-random-seed = Random seed
button-mark-paint = 🖌 Paint in Telegram
button-mark-file = 📎 Send a mask
button-mark-area = 🔲 Area
button-mask-right = ✅ Right
button-mask-invert = 🔃 Invert
button-mask-again = ↩️ Mark again
button-mask-wider = ➕ Wider
button-quick = ⚡ Draw right away
button-classic = 📝 Parameters first
button-previews = 👁 Show sketches
button-no-previews = 👁 No sketches
button-translate = 🔤 Translate descriptions
button-no-translation = 🔤 Don’t translate
button-captions = 🖼 Picture with a caption
button-draw-after-all = 🖌 Draw it after all
button-upscale-after-all = 🔍 Enlarge it after all
button-describe-after-all = 👁 Describe it after all
button-forget = 🗑 Delete everything
button-forget-not = Keep it
button-broadcast = 📣 Send
button-broadcast-not = Don’t send
button-key-remove = 🗑 { $name }
button-stale = This button is out of date

## The editor in a browser

button-editor = 🌐 Editor
button-editor-open = 🌐 Open the editor
command-editor = The editor: brush, frame, styles
web-editor-open = In the editor you can paint over a part of a picture and redraw it, continue a picture beyond its edges, compare versions and find everything you have drawn.
web-editor-browser =
    To open it in a browser, follow this link. It works once, within the next ten minutes, and for you alone — don’t pass it on:
    { $link }
web-editor-none = There is no editor here, but you can do all of that right in the chat: send a photo or describe a picture.
web-editor-setup = To give the bot an editor, set the address under which it is reached from outside, such as KANDINSKY_WEB_URL=https://draw.example.org, and restart it.
