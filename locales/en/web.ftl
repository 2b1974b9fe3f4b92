## What the server of the editor says when something did not work

web-error-expired = It has been a while. Please open the editor from the chat again.
web-error-code = This link has been used or is too old. Ask the bot for a new one: /editor
web-error-init-data = I couldn’t tell who you are. Please open the editor with a button in the chat with the bot.
web-error-clock = The server’s clock is wrong, so you can’t come in. The bot’s owner can fix that.
web-error-banned = Sorry, the owner of this bot has closed your access.
web-error-stranger = This bot draws for a closed circle, and you aren’t on the list yet. Ask its owner to add you.
web-error-origin = The editor was opened under another address. Please open it from the chat with the bot.
web-error-invalid = I couldn’t make sense of that request. Reload the page and try again.
web-error-no-prompt = Write what to draw.
web-error-long-prompt =
    { $count ->
        [one] The description is too long: { $count } character fits.
       *[other] The description is too long: { $count } characters fit.
    }
web-error-mask-empty = Paint over what to redraw.
web-error-mask-full = Everything is painted over. Leave something, so that the new part can match it.
web-error-mask-shape = What you painted doesn’t match the picture. Please open it again.
web-error-window = The window is too far from the picture. Move it so that at least an eighth of it lies on the picture.
web-error-too-big = The file is too large: up to { $count } MB will do.
web-error-too-many-pixels = The picture is too large: up to 50 megapixels and 16,384 pixels on a side will do.
web-error-not-a-picture = That isn’t a picture I can open. PNG, JPEG and WebP will do.
web-error-damaged = The picture is damaged or didn’t arrive in full. Please send it again.
web-error-not-found = There is no such picture here.
web-error-gone = This picture has been deleted.
web-error-pace = That’s a bit fast. Please wait a moment.
web-error-busy = The server is opening other pictures. Try again in a few seconds.
web-error-stopping = The server is restarting. Wait a moment — nothing is lost.
web-error-no-chat = Write to me in the chat first, so that I can send the picture there.
web-error-engine = I couldn’t draw that. Please try again.
web-error-internal = Something broke on the server. Please try again.
