# The editor: a canvas to draw, redraw and extend pictures on.

editor-title = Kandinsky editor
editor-loading = Loading…
editor-again = Try again
editor-close = Close
editor-menu = Menu
editor-menu-of = What to do with: { $name }
editor-switch-language = Русский
editor-debug = Telegram events
editor-percent = { $n }%
editor-seconds = { $n } s
editor-minutes = { $n } min

## The blank canvas

editor-blank-title = Blank canvas
editor-invite = What shall we draw?
editor-invite-how = Describe a picture in your own words, open a photo, or drop one here.
editor-idea-1 = a ginger cat on a blue background
editor-idea-2 = a red rocket on a white background
editor-idea-3 = a sunflower on a blue background
editor-idea-4 = an owl on a green background
editor-open = Open a photo
editor-blank = Blank canvas
editor-opening = Opening…
editor-too-big = That file is too big: up to { $size } MB, please.
editor-untitled = No description
editor-photo = Photo
editor-gone = This picture is no longer there.

## Tools

editor-tools = Tools
editor-options = Tool options
editor-hand = Hand
editor-brush = Brush
editor-eraser = Eraser
editor-rectangle = Rectangle
editor-frame = Frame
editor-frame-lock = Window { $side }
editor-frame-off = Remove the frame
editor-window-how = I’ll fill what is empty or painted in the window.
editor-invert = Invert
editor-widen = Wider
editor-clear = Clear the mask
editor-size = Brush size
editor-overlay = How the mask is shown
editor-overlay-red = Red
editor-overlay-outline = Outline
editor-overlay-hidden = Hidden
editor-steps-group = Undo and redo
editor-undo = Undo
editor-redo = Redo
editor-zoom-group = Zoom
editor-zoom-in = Zoom in
editor-zoom-out = Zoom out
editor-fit = Fit
editor-full = { $n }%. Show at the picture’s own size
editor-extend-left = Left
editor-extend-right = Right
editor-extend-up = Up
editor-extend-down = Down
editor-extend-half = ×1.5
editor-extend-double = ×2
editor-extend-square = Square
editor-extend-wide = 16:9
editor-extend-tall = 9:16
editor-pen-only = Paint with the pen only, move with a finger
editor-pen-down = Brush down
editor-pen-up = Brush up
editor-canvas-state = Canvas. { $tool }, { $share }% painted
editor-canvas-empty = Blank canvas

## Parameters

editor-panel = Picture parameters
editor-panel-size = Expand or shrink the parameters
editor-prompt = Description
editor-prompt-hint = What shall I draw? For example, the moon over the sea
editor-prompt-hint-picture = What should be drawn or changed here?
editor-prompt-none = Description, style and other parameters
editor-style = Style
editor-style-more = All styles
editor-style-less = Show fewer
editor-style-search = Find a style
editor-style-nothing = There’s no such style.
editor-small-model = The built-in mini model can’t tell styles apart: they are for the full Kandinsky 2.1.
editor-ratio = Ratio
editor-ratio-own = Your own ratio, for example 4:3
editor-width-square = Square
editor-width-wide = Wide
editor-width-panorama = Panorama
editor-strength = How much to change
editor-closeness = Similarity
editor-count = How many
editor-more-settings = More parameters
editor-picture-size = Size
editor-negative = Leave out
editor-negative-hint = What should not be there
editor-seed = Seed
editor-seed-any = random
editor-seed-dice = New seed
editor-steps = Steps
editor-steps-own = as usual
editor-tray = Mix pictures
editor-tray-how = Add a picture and I’ll mix it with the canvas or the description.
editor-part-file = From a file
editor-part-mine = From mine
editor-part-canvas = the canvas
editor-part-add = Add to the mix
editor-part-text = the description
editor-part-picture = picture { $n }
editor-part-remove = Remove: { $name }
editor-share-of = Share: { $name }

## What the main button will do

editor-draw = Draw
editor-repaint = Redraw
editor-fill-empty = Fill the gaps
editor-extend = Extend
editor-crop = Crop
editor-fill-window = Fill the window
editor-change = Change
editor-vary = Make variations
editor-mix = Mix
editor-missing-prompt = Describe what to draw.
editor-missing-mix = A mix needs two parts: add a picture or a description.
editor-missing-window = Slide the window past the edge, or paint what to redraw in it.
editor-mask-beside = What you painted is outside the window: nothing will change there.

## While it is being drawn

editor-sending = Sending…
editor-drawing = Drawing… { $n }%
editor-next = Starting…
editor-place = { $n ->
    [one] { $n } request before yours
   *[other] { $n } requests before yours
}
editor-paused = The queue is paused, your request is saved
editor-model-loading = The model is loading…
editor-left = { $time } left
editor-cancel = Stop
editor-offline = No connection. Nothing is lost.
editor-failed = That didn’t work. Please try again.
editor-expired = Please open the editor from the chat again.

## Results

editor-results-region = Results
editor-results = { $n ->
    [one] Done
   *[other] Done: { $n } pictures
}
editor-result-n = Picture { $n }
editor-flagged = Not everybody may like this picture, so it is covered.
editor-take = Use this one
editor-more = More like this
editor-compare = Compare
editor-compare-slider = Edge between before and after
editor-compare-value = { $n }% before
editor-before = Before
editor-after = After
editor-download = Download
editor-empty-parts = A part of the picture is empty. How shall I save it?
editor-as-it-is = As it is, PNG
editor-on-white = On white, JPEG
editor-no-download = This Telegram can’t download from here.
editor-send = To chat
editor-send-file = To chat as a file
editor-sent = Sent to the chat
editor-share = Share
editor-recipe = Parameters
editor-recipe-use = Use again
editor-copy = Copy
editor-copied = Copied
editor-delete = Delete
editor-delete-sure = Delete this picture? It can’t be brought back.
editor-keep = Keep it

## Versions and one's own pictures

editor-versions = Versions
editor-version-n = Version { $n }
editor-original = Original
editor-gallery = My pictures
editor-gallery-part = What shall I add to the mix?
editor-gallery-search = Search descriptions
editor-gallery-more = Show more
editor-gallery-empty = Nothing yet. Draw something and it will appear here.
editor-gallery-nothing = Nothing found.

## Keys

editor-keys = Keyboard
editor-keys-tools = brush, eraser, rectangle, frame, hand
editor-keys-swap = swap brush and eraser
editor-keys-size = brush size; Shift doubles or halves
editor-keys-undo = undo, redo
editor-keys-mask = invert, widen, clear the mask
editor-keys-zoom = fit, picture’s own size, zoom in, zoom out
editor-keys-arrows = move the canvas or the frame; Shift sizes the frame
editor-keys-paint = paint without a mouse: move the brush, put it down and up
editor-keys-go = the main button
editor-keys-esc = stop, close, put the tool away
editor-keys-compare = hold to compare with what was before
editor-keys-files = download, paste a picture, open
editor-keys-help = this table
