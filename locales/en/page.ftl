# The playground's page. The bot's own words are in other files.

page-title = Kandinsky — playground
page-status-small =
    { $count ->
        [one] built-in miniature: knows { $count } thing
       *[other] built-in miniature: knows { $count } things
    }
page-status-full = draws on this computer
page-connecting = connecting…

page-about = What is this?
page-about-title = The playground
page-about-what = This is the same bot as in Telegram, with the same commands, buttons and queue. The chat just happens to be open right on this computer.
page-about-small = A small model that comes with the program does the drawing. It knows only a little, simple things on simple backgrounds: enough for a try. The real Kandinsky 2.1 draws incomparably better.
page-about-full = The model you gave at start does the drawing.
page-about-private = Everything stays with you: no word and no picture is sent anywhere. The chat is kept in this program’s data folder until you delete it.
page-clear = Delete this chat
page-clear-sure = Delete everything in this chat? The queue and the pictures that the bot keeps stay: /forget deletes those.
page-about-telegram = To meet the bot in Telegram, start the program with a token from @BotFather. The README tells how.

page-switch-language = Переключить на русский
page-switch-theme = Light or dark theme

page-messages = Messages
page-empty-title = What shall we draw?
page-empty-text = Write what you would like to see, in English or Russian, or begin with one of these ideas.
page-suggestions = For example
page-start = What can the bot do?

page-message = Describe a picture…
page-send = Send
page-menu = Commands and ideas
page-commands = Commands
page-reply = Reply
page-reply-cancel = Don’t reply
page-jump = Show the original message
page-you = You

page-attach = Attach
page-attach-photo = Photo
page-attach-file = File
page-attached = Attached
page-attached-clear = Remove all
page-remove = Remove
page-send-as = Send as
page-as-photo = Photo
page-as-file = File
page-drop = Drop to attach
page-too-big = That file is too big: { $size } MB at most.
page-too-many = Up to { $most } files at a time.
page-not-sent = Not sent: the program doesn’t answer.
page-unsent = Not sent yet
page-sending = Sending…
page-refused = Not accepted: { $reason }
page-refused-shape = This picture is too long and thin for a photo. Send it as a file.
page-refused-picture = This doesn’t open as a picture. PNG, JPEG and WebP work.
page-refused-size = The file is too large.
page-refused-length = The text is too long.
page-refused-empty = The file is empty.
page-unsent-again = Try again
page-unsent-edit = Edit
page-unsent-drop = Delete
page-unfold = ⋯ Picture’s buttons
page-copied = Copied

page-inline = Results of the bot
page-inline-nothing = Nothing found
page-via = via { $bot }

page-photo = Photo
page-file = File
page-picture = Picture viewer
page-open-picture = Open the picture
page-save = Save
page-close = Close
page-previous = Previous
page-next = Next
page-ok = OK

page-from-me = Your message
page-from-bot = Message from the bot
page-buttons = Buttons under the message
page-today = Today
page-to-end = To the newest message
page-unread = { $count ->
    [one] { $count } new message
   *[other] { $count } new messages
}

page-busy-typing = is typing…
page-busy-photo = is sending a picture…
page-busy-file = is sending a file…

page-editor = Editor
page-editor-back = Back
page-editor-leave = Close
page-editor-unsaved = Something isn’t finished yet. Close anyway?
page-cancel = Cancel
