# The bot's profile: name, what an empty chat shows, and a line for its card. Limits: 64, 512 and 120 characters.

bot-name = Kandinsky
bot-description =
    Describe a picture in English or Russian, and I’ll draw it. I also blend pictures, make variations, change what you already have and extend it past its edges.

    Kandinsky 2.1 does the drawing, right on the computer of whoever runs this bot: your words and pictures go no further.
bot-short-description = Draws what you describe in English or Russian, blends and extends pictures. Kandinsky 2.1, open source.
