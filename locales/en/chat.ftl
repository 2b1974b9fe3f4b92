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
result-buttons = What next?
file-gone = The file is gone by now. Press “Again” and I'll draw it once more.

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
button-stale = This button is out of date
