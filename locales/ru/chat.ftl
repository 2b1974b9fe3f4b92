# Чат. Обращение — «вы» со строчной буквы.

## Начало и помощь

greeting = Привет! Я рисую по описанию — на русском и на английском.
greeting-how = Просто напишите, что нарисовать.
greeting-how-in-group = Чтобы я нарисовал, напишите /imagine и описание.
greeting-examples = Или начните с одного из этих:

help =
    Опишите картинку своими словами: что на ней, какого цвета, на каком фоне. Я поставлю рисунок в очередь и пришлю его сюда.

    Под готовой картинкой есть кнопки:
    🔄 Заново — то же описание, но новая картинка
    🎨 Изменить стиль — то же описание в другом стиле
    📄 Файл — картинка без сжатия

    В группе позовите меня командой /imagine.

    Команды:

command-start = Начать сначала
command-imagine = Нарисовать по описанию
command-style = Выбрать стиль
command-queue = Мои задания
command-cancel = Отменить задание
command-lang = Сменить язык · Language
command-help = Как пользоваться

command-misspelt = Такой команды нет. Может быть, /{ $command }?
command-unknown = Такой команды нет. Всё, что я умею, — в /help.

## Описание

prompt-empty = Что нарисовать? Напишите после команды, например: /imagine { $example }
prompt-example = кот в шляпе
prompt-too-long =
    { $length ->
        [one] В описании { $length } символ
        [few] В описании { $length } символа
       *[other] В описании { $length } символов
    }, а я прочту не больше { $limit }. Сократите, пожалуйста, и пришлите ещё раз.

wordless-photo = Красиво! Но с картинками я пока не работаю, только со словами. Опишите, что нарисовать.
wordless-sticker = Стикер славный, но рисую я по словам. Опишите, что нарисовать.
wordless-voice = Слушать я не умею. Напишите, пожалуйста, словами, что нарисовать.
wordless-video = Видео я смотреть не умею. Опишите словами, что нарисовать.
wordless-file = Файлы я не открываю. Опишите словами, что нарисовать.
wordless-other = Это я не пойму. Опишите словами, что нарисовать.

## Очередь

job-queued = Добавил в очередь на генерацию изображения.
job-requeued = Бот перезапускался, задание снова в очереди.
job-drawing = Рисую…
job-drawing-percent = Рисую… { $percent } %
job-cancelled = Отменено.
job-failed-engine = Не получилось нарисовать: что-то пошло не так с моей стороны. Попробуйте ещё раз.
job-failed-crashed = Не получилось нарисовать: на этом задании я несколько раз сбился. Попробуйте ещё раз или опишите иначе.
job-failed-unreadable = Это задание не прочитать: похоже, оно осталось от прежней версии. Пришлите описание заново.
trouble = Не получилось записать задание, оно не в очереди. Попробуйте, пожалуйста, чуть позже.

place-first = Сейчас начну.
place-first-estimate = Сейчас начну, это примерно { $duration }.
place-later = Ваше место — { $position }-е.
place-later-estimate = Ваше место — { $position }-е, примерно { $duration }.

duration-moment = несколько секунд
duration-seconds =
    { $count ->
        [one] { $count } секунда
        [few] { $count } секунды
       *[other] { $count } секунд
    }
duration-minutes =
    { $count ->
        [one] { $count } минута
        [few] { $count } минуты
       *[other] { $count } минут
    }
duration-hours =
    { $count ->
        [one] { $count } час
        [few] { $count } часа
       *[other] { $count } часов
    }

queue-empty = У вас нет заданий в очереди. Напишите, что нарисовать.
queue-title =
    { $count ->
        [one] У вас { $count } задание:
        [few] У вас { $count } задания:
       *[other] У вас { $count } заданий:
    }
queue-job = { $number }. «{ $prompt }»
queue-more =
    { $count ->
        [one] и ещё { $count } задание
        [few] и ещё { $count } задания
       *[other] и ещё { $count } заданий
    }

cancel-which = Какое задание отменить?
cancel-nothing = Отменять нечего: у вас нет заданий в очереди.
cancel-done = Отменил.
cancel-stopping = Останавливаю.
cancel-too-late = Уже поздно: задание завершено.
cancel-not-yours = Отменить может только тот, кто просил.
cancel-done-all =
    { $count ->
        [0] Отменять уже нечего.
        [one] Отменил { $count } задание.
        [few] Отменил { $count } задания.
       *[other] Отменил { $count } заданий.
    }

## Картинка

result-caption = Результат генерации по запросу "{ $prompt }", стиль: "{ $style }"
result-seed = сид { $seed }
result-buttons = Что дальше?
file-gone = Файл уже удалён. Нажмите «Заново» — нарисую ещё раз.

## Стиль и язык

style-choose = Выберите стиль — в нём будут все новые картинки.
style-choose-other = Стиль: { $style }. В нём будут все новые картинки.
style-chosen = Стиль: { $style }
style-redraw = В каком стиле нарисовать «{ $prompt }»?

language-name = Русский
language-changed = Теперь говорю по-русски.
language-unknown = Я говорю по-русски и по-английски: /lang ru или /lang en.

## Кнопки

button-styles = 🎨 Стиль
button-help = ❓ Помощь
button-cancel = ✖️ Отменить
button-cancel-all = ✖️ Отменить все
button-refresh = 🔄 Обновить
button-again = 🔄 Заново
button-restyle = 🎨 Изменить стиль
button-file = 📄 Файл
button-draw-after-all = 🔄 Всё-таки нарисовать
button-stale = Эта кнопка устарела
