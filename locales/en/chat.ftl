# The chat.

## Beginning and help

greeting = Hi! I draw from a description, in English or Russian.
greeting-how = Just write what to draw.
greeting-how-in-group = To have me draw, write /imagine and a description.
greeting-examples = Or start with one of these:

help =
    Describe the picture in your own words: what is in it, its colours, the background. I'll queue the drawing and send it here.

    A finished picture has buttons:
    🔄 Again — same description, new picture
    🎨 Change style — same description, another style
    📄 File — the picture, uncompressed

    In a group, call me with /imagine.

    Commands:

command-start = Start over
command-imagine = Draw from a description
command-style = Choose a style
command-queue = My drawings
command-cancel = Cancel a drawing
command-lang = Change language · Язык
command-help = How to use
command-privacy = What I keep
command-forget = Delete everything about me
command-stats = The bot in figures
command-pause = Pause the queue
command-resume = End the pause
command-ban = Shut somebody out: /ban number
command-unban = Let them in again: /unban number
command-broadcast = Write to everybody: /broadcast text

command-misspelt = There's no such command. Did you mean /{ $command }?
command-unknown = There's no such command. Everything I can do is in /help.

## Description

prompt-empty = What should I draw? Write it after the command, for example: /imagine { $example }
prompt-example = a cat in a hat
prompt-too-long =
    { $length ->
        [one] Your description has { $length } character
       *[other] Your description has { $length } characters
    }, and I can read at most { $limit }. Please shorten it and send it again.

wordless-photo = Lovely! But I can't work with pictures yet, only with words. Tell me what to draw.
wordless-sticker = Nice sticker! I draw from words, though. Tell me what to draw.
wordless-voice = I can't listen, sorry. Please write what to draw.
wordless-video = I can't watch videos, sorry. Tell me in words what to draw.
wordless-file = I don't open files. Tell me in words what to draw.
wordless-other = I can't make sense of that one. Tell me in words what to draw.

## Queue

job-queued = Added to the queue.
job-requeued = The bot was restarted; your drawing is back in the queue.
job-drawing = Drawing…
job-drawing-percent = Drawing… { $percent }%
job-cancelled = Cancelled.
job-failed-engine = The drawing didn't work out: something went wrong on my side. Please try again.
job-failed-crashed = The drawing didn't work out: I stumbled over it several times. Try again, or describe it differently.
job-failed-unreadable = I can't read this drawing's notes; they seem to come from an older version. Please send the description again.
trouble = I couldn't write that down, so it isn't in the queue. Please try again a little later.

place-paused = The bot is paused and your drawing is saved: I'll start as soon as the pause is over.
place-first = Starting now.
place-first-estimate = Starting now, it takes about { $duration }.
place-later = You're number { $position }.
place-later-estimate = You're number { $position }, about { $duration }.

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

queue-empty = You have nothing in the queue. Write what to draw.
queue-title =
    { $count ->
        [one] You have { $count } drawing:
       *[other] You have { $count } drawings:
    }
queue-job = { $number }. “{ $prompt }”
queue-more =
    { $count ->
        [one] and { $count } more
       *[other] and { $count } more
    }

cancel-which = Which drawing should I cancel?
cancel-nothing = Nothing to cancel: you have no drawings in the queue.
cancel-done = Cancelled.
cancel-stopping = Stopping.
cancel-too-late = Too late: it's already finished.
cancel-not-yours = Only the person who asked can cancel it.
cancel-done-all =
    { $count ->
        [0] Nothing left to cancel.
        [one] Cancelled { $count } drawing.
       *[other] Cancelled { $count } drawings.
    }

## Picture

result-caption = Generation result for query "{ $prompt }", style: "{ $style }"
result-seed = seed { $seed }
result-unread = The description is longer than I can read: I left out its end, from “{ $words }…” on.
result-buttons = What next?
file-gone = The file is gone by now. Press “Again” and I'll draw it once more.

## What I don't draw, and how much

refused-minors = I don't draw that: it looks like sexual content about children or teenagers. If you meant something else, please describe it differently.
refused-sexual = I don't draw that: it looks like sexual content. If you meant something else, please describe it differently.
refused-hate = I don't draw that: it looks like hate against people. If you meant something else, please describe it differently.
refused-gore = I don't draw that: it looks like a scene of cruelty. If you meant something else, please describe it differently.

limit-waiting =
    { $count ->
        [one] You already have { $count } drawing in the queue.
       *[other] You already have { $count } drawings in the queue.
    } Please wait for at least one of them.
limit-hour =
    { $count ->
        [one] You asked for { $count } picture within the last hour.
       *[other] You asked for { $count } pictures within the last hour.
    }
limit-day =
    { $count ->
        [one] You asked for { $count } picture within the last day.
       *[other] You asked for { $count } pictures within the last day.
    }
limit-chat-hour =
    { $count ->
        [one] This chat asked for { $count } picture within the last hour.
       *[other] This chat asked for { $count } pictures within the last hour.
    }
limit-next = The next one is possible in about { $duration }.

stranger = This bot draws for its owner's friends, and you aren't on the list yet. If you'd like to draw here, ask the bot's owner to add you. Your number: { $id }
banned = Sorry, the bot's owner has closed it for you.

## What is kept

privacy =
    What I keep:

    • Your descriptions and the chat's settings — until you delete them.
    • Photos that you sent — { $inputs } after the drawing is done.
    • Finished pictures — { $results } after I sent them.

    All of it is in a database on the machine of the bot's owner. That's where I draw, too: nobody but Telegram gets anything.
privacy-hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
privacy-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
privacy-unlimited = without a limit
privacy-disk = When room on the disk gets short, old pictures are deleted sooner.
privacy-forget = To delete everything at once: /forget.

forget-ask = Delete everything: your descriptions, photos, finished pictures and settings? Drawings in the queue will be cancelled. This can't be undone. Messages in this chat stay: only you can delete those.
forget-done = Done: I deleted everything I kept about you.
forget-done-times = For one more day I only remember when you asked for pictures, so that limits stay right.
forget-not-done = All right, nothing is deleted.
forget-in-private = Please write /forget to me in private: here anybody could press the button.

## For the owner

owner-stats =
    People: { $people }, last day: { $people-today }
    Drawings: { $jobs }, last day: { $jobs-today }
    Waiting: { $waiting }, running: { $running }
    Failed: { $failed }, last day: { $failed-today }
    Usual drawing time: { $median }
    Database on disk: { $megabytes } MB
    Running for: { $uptime }
owner-unknown = not known yet
owner-stats-paused = The queue is paused; /resume ends it
owner-paused = The queue is paused. What is being drawn will be finished, new drawings are kept. /resume ends the pause
owner-resumed =
    { $count ->
        [0] The pause is over. The queue is empty.
        [one] The pause is over. There is { $count } drawing in the queue.
       *[other] The pause is over. There are { $count } drawings in the queue.
    }
owner-ban-whom = Whom? Answer their message with this command, or write their number: /ban 123456789
owner-ban-nobody = Neither owners nor I can be shut out.
owner-banned = { $id }: shut out, drawings in the queue cancelled.
owner-banned-already = { $id }: shut out already.
owner-unbanned = { $id }: let in again.
owner-unbanned-already = { $id }: wasn't shut out.
owner-broadcast-what = Write what? Put the text right after the command: /broadcast The bot has a day off tomorrow.
owner-broadcast-ask =
    { $count ->
        [one] Send this to { $count } chat?
       *[other] Send this to { $count } chats?
    }
owner-broadcast-dropped = All right, I'm writing to nobody.
owner-broadcast-progress = Sending: { $sent } of { $all }. Blocked the bot: { $gone }, not accepted: { $refused }
owner-broadcast-done = Sent: { $sent } of { $all }. Blocked the bot: { $gone }, not accepted: { $refused }
owner-alert =
    { $count ->
        [one] { $count } drawing failed in a row.
       *[other] { $count } drawings failed in a row.
    } Please look into the log. I'll write again only if it happens anew after a picture that works.

## Style and language

style-choose = Choose a style for all new pictures.
style-choose-other = Style: { $style }. All new pictures will be in it.
style-chosen = Style: { $style }
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
button-again = 🔄 Again
button-restyle = 🎨 Change style
button-file = 📄 File
button-draw-after-all = 🔄 Draw it after all
button-forget = 🗑 Delete everything
button-forget-not = Keep it
button-broadcast = 📣 Send
button-broadcast-not = Don't send
button-stale = This button is out of date
