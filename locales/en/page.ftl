# The playground's page. The bot's own words are in other files.

page-title = Kandinsky — playground
page-status-small = small built-in model — a taste of the real one
page-status-full = draws on this computer
page-connecting = connecting…

page-about = What is this?
page-about-title = The playground
page-about-what = This is the same bot as in Telegram, with the same commands, buttons and queue. The chat just happens to be open right on this computer.
page-about-small = A small model that comes with the program does the drawing. It knows a few simple things and colours: enough for a try. The real Kandinsky 2.1 draws incomparably better.
page-about-full = The model you gave at start does the drawing.
page-about-private = Everything stays with you: no word and no picture is sent anywhere. The chat on this page lives as long as the program runs. Descriptions and pictures are in its data folder; /forget deletes them.
page-about-telegram = To meet the bot in Telegram, start the program with a token from @BotFather. The README tells how.

page-switch-language = Переключить на русский
page-switch-theme = Light or dark theme

page-messages = Messages
page-empty-title = What shall we draw?
page-empty-text = Put into words what you would like to see.
page-suggestions = For example
page-start = Start

page-message = Message
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
page-not-sent = That didn’t get through. Try once more.
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
