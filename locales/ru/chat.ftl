# Чат. Обращение — «вы» со строчной буквы.

## Начало и помощь

greeting = Привет! Опишите картинку по-русски или по-английски — нарисую. Ещё умею смешивать картинки, делать вариации, перерисовывать часть и дорисовывать края.
greeting-how = Просто напишите, что нарисовать, или выберите режим.
greeting-how-in-group = Чтобы я нарисовал, напишите /imagine и описание.
greeting-examples = Для начала попробуйте:

help =
    Опишите картинку своими словами: что на ней, какого цвета, на каком фоне. Нарисую и пришлю сюда.

    Пришлите картинку — сделаю вариации, изменю её по тексту, перерисую часть, дорисую края, увеличу или скажу, что на ней. Альбом, картинку в ответ на картинку или две подряд после /mix — смешаю.

    Ответьте на мою картинку новым описанием — перерисую её с ним. Пришлите её файлом — верну все параметры.

    Для знатоков — прямо в описании: --ar 16:9 --no вода --seed 42 --style аниме --n 2 --steps 50. Или второй строкой: «Без: вода».

    В группе позовите меня командой /imagine. Остальные команды — в меню у поля ввода.

help-translator = Перевод: OPUS-MT, Хельсинкский университет, CC BY 4.0

command-start = Меню
command-imagine = Нарисовать по тексту
command-mix = Смешать картинки или картинку с текстом
command-variations = Вариации картинки
command-change = Изменить картинку по тексту
command-inpaint = Перерисовать часть картинки
command-outpaint = Расширить картинку
command-upscale = Увеличить картинку
command-describe = Описать, что на картинке
command-style = Выбрать стиль
command-settings = Размер, количество, сид, язык
command-queue = Мои запросы в очереди
command-cancel = Отменить рисование
command-history = Последние картинки
command-help = Как пользоваться
command-privacy = Что я храню
command-forget = Удалить всё обо мне
command-stats = Бот в цифрах
command-pause = Поставить очередь на паузу
command-resume = Снять с паузы
command-ban = Закрыть доступ: /ban ID
command-unban = Вернуть доступ: /unban ID
command-broadcast = Написать всем: /broadcast текст
command-key = Ключи для других программ: /key название

command-misspelt = Такой команды нет. Вы имели в виду /{ $command }?
command-unknown = Такой команды нет. Всё, что я умею, — в /help.

## Описание

prompt-empty = Что нарисовать? Напишите после команды, например: /imagine { $example }
prompt-example = кот в шляпе
prompt-too-long =
    { $length ->
        [one] В описании { $length } символ
        [few] В описании { $length } символа
       *[other] В описании { $length } символов
    }, а можно не больше { $limit }. Сократите, пожалуйста, и пришлите ещё раз.

unsupported-sticker = Стикер славный, но мне нужны слова или картинка. Опишите, что нарисовать.
unsupported-voice = Слушать я не умею. Напишите, пожалуйста, словами, что нарисовать.
unsupported-video = Видео и гифки я смотреть не умею. Пришлите фото или опишите словами, что нарисовать.
unsupported-file = Такие файлы я не открываю. Пришлите картинку: PNG, JPEG или WebP.
unsupported-other = Это я не пойму. Опишите словами, что нарисовать.
edited = Вижу, вы изменили сообщение, но рисую я по первому варианту. Чтобы я учёл новый, отправьте его отдельным сообщением.
small-talk-greeting = Привет! Опишите картинку — нарисую. Например:
small-talk-thanks = Рад стараться! Что ещё нарисовать?
small-talk-question = Я рисую по описанию: напишите, что должно быть на картинке. Всё, что я умею, — в /help. Например:
small-talk-signs = Опишите картинку словами. Например:
button-command-meant = ✅ Да, /{ $command }
button-flag-meant = ✅ Исправить и нарисовать
button-draw-anyway = 🖌 Всё-таки нарисовать
edited-offer = Вижу, вы изменили описание. Нарисовать по новому?
button-draw-edited = ✏️ Нарисовать по-новому

# How a second line begins that says what shall not be there.
negative-line = Без:
flag-misspelt = Флага --{ $name } нет. Вы имели в виду --{ $nearest }?
correct-and-send = Поправьте и пришлите ещё раз.
flag-unknown = Флага --{ $name } нет. Есть --ar, --no, --seed, --style, --n, --steps, --strength и --iw.
flag-value = Не понимаю «--{ $name } { $value }». { $hint }
flag-scale = «--{ $name } { $value }» — какая это доля? Напишите её от 0 до 1 или в процентах: --{ $name } 0.7 — то же, что --{ $name } 70%.
flag-twice = Флаг --{ $name } написан дважды, и значения разные. Оставьте одно и пришлите ещё раз.
flag-unused-ar = --ar здесь не пригодится: пропорции — как у картинки.
flag-unused-iw = --iw здесь не пригодится: эта доля нужна, когда картинка смешивается с текстом.
flag-unused-strength = --strength здесь не пригодится: сила нужна, когда картинка меняется по тексту.
vary-without-text = Вариации — без слов, так что «{ $prompt }» я не учту. Изменить картинку по тексту — /change.
negative-too-long =
    { $length ->
        [one] В том, что исключить, { $length } символ
        [few] В том, что исключить, { $length } символа
       *[other] В том, что исключить, { $length } символов
    }, а можно не больше { $limit }. Сократите, пожалуйста, и пришлите ещё раз.
flag-hint-ar = Напишите пропорции, например --ar 16:9.
flag-hint-no = Напишите, чего не должно быть: --no вода.
flag-hint-seed = Напишите целое число, например --seed 42.
flag-hint-style = Напишите название стиля, например --style аниме. Все стили — в /style.
flag-hint-n = Можно от 1 до 4 картинок: --n 2.
flag-hint-steps = Можно от 1 до 200 шагов: --steps 50.
flag-hint-iw = Напишите долю картинки в смеси, например --iw 0.7.
flag-hint-strength = Напишите, сколько изменить в процентах: --strength 50.

# Words that turn a setting off, commands for a larger picture and for a description, and words for this language; capitals do not count.
off-words = выкл, выключи, выключить, нет, ничего, пусто, сброс, -, —
larger-words = крупнее, увеличить, увеличь
describe-words = опиши, описать, опишите
language-words = русский, по-русски, рус, russian, rus

## Картинки, которые присылают

picture-received = Картинка у меня. Что с ней сделать?
pictures-received = Картинки у меня. Что с ними сделать?
caption-use = Картинка и текст «{ $prompt }». Смешать их или изменить картинку по тексту? Запомню ответ; поменять его можно в /settings.
picture-too-small = Картинка слишком маленькая: нужно хотя бы { $least } пикселя по каждой стороне. Пришлите побольше.
picture-too-thin = Картинка слишком узкая: одна сторона длиннее другой больше чем в 20 раз. Обрежьте её и пришлите ещё раз.
picture-too-heavy = Файл больше 20 МБ — Telegram мне такой не отдаст. Пришлите его как фото или уменьшите.
picture-unreadable = Не могу открыть этот файл. Пришлите картинку в формате PNG, JPEG или WebP.
picture-damaged = Файл повреждён или пришёл не целиком. Пришлите его, пожалуйста, ещё раз.
picture-too-many-pixels = На картинке слишком много пикселей: { $size }. Я беру до { $limit } миллионов, и не больше { $side } по стороне. Уменьшите её и пришлите ещё раз.
picture-gone = Этой картинки уже нет. Пришлите её, пожалуйста, ещё раз.
inputs-gone = Исходная картинка уже удалена. Пришлите её ещё раз — и начнём заново.

ask-picture-draw = Пришлите картинку.
ask-picture-mix = Пришлите две картинки — по одной или альбомом. Или картинку и текст.
ask-picture-vary = Пришлите картинку — сделаю её вариации.
ask-picture-change = Пришлите картинку и напишите, какой она должна стать.
ask-picture-inpaint = Пришлите картинку, часть которой надо перерисовать.
ask-picture-outpaint = Пришлите картинку, которую надо расширить.
ask-picture-upscale = Пришлите картинку, которую надо увеличить.
ask-picture-describe = Пришлите картинку — скажу, что на ней.
answer-this-message = В группе пришлите это ответом на моё сообщение.
ask-second-part = Первая картинка есть. Пришлите вторую или напишите текст.

ask-prompt-draw = Опишите картинку: что на ней, какого цвета, с каким настроением.
ask-prompt-mix = Напишите текст для смеси.
ask-prompt-vary = Напишите описание.
ask-prompt-change = Какой она должна стать? Напишите словами.
ask-prompt-inpaint = Что нарисовать на этом месте?
ask-prompt-outpaint = Что нарисовать вокруг?

recipe-restored = Узнаю свою картинку! Вот её параметры.
recipe-shown = Вот параметры этой картинки.
recipe-needs-pictures = Этой картинке нужны исходные, а их здесь нет. Пришлите свои и выберите режим.
link-stale = Эта ссылка больше не работает. Опишите словами, что нарисовать.

## Увеличение

upscale-how = Во сколько раз увеличить?
upscale-twice-at-most = Увеличить в 4 раза не получится: картинка выйдет слишком большой. Увеличить в 2?
upscale-too-large = Эта картинка и так большая: { $size }. Увеличенная была бы больше { $limit } миллионов пикселей или { $side } по стороне — столько мне не осилить. Вырежьте нужную часть или пришлите картинку поменьше.
upscale-unread = «{ $words }» я не понимаю: увеличить могу в 2 или в 4 раза.

## Что на картинке

described = Похоже, это { $prompt }.
described-style = Стиль: «{ $style }».
described-others = Ещё варианты: { $names }.
describe-without-flags = Флаги для описания не нужны.
describe-without-text = Просто скажу, что вижу: «{ $words }» учесть не смогу.
described-nothing = Не могу разобрать, что здесь. Попробуйте картинку, где главное покрупнее. Или опишите её словами — нарисую.
button-described-draw = 🖌 Нарисовать

## Маска

mark-how =
    Как отметить, что перерисовать?

    🖌 закрасить прямо в Telegram
    📎 прислать маску: белое перерисую
    🔲 выбрать готовую область
mark-paint-how = Откройте картинку в редакторе Telegram, закрасьте нужное место одним ярким цветом и пришлите сюда. Не обрезайте и не поворачивайте.
mark-file-how = Пришлите маску того же размера: белое я перерисую, чёрное оставлю. Подойдёт и PNG с прозрачным местом.
mark-area = Какую часть перерисовать?
area-top = ⬆️ Верхняя половина
area-bottom = ⬇️ Нижняя половина
area-left = ⬅️ Левая половина
area-right = ➡️ Правая половина
area-centre = ⏺ Середина
area-border = 🔲 Края
mask-right = Перерисую отмеченное красным. Всё верно?
mask-nothing = Не вижу, что отмечено. Закрасьте место ярким цветом поплотнее и пришлите ещё раз.
mask-unclear = Часть маски прозрачная, и непонятно, что из двух перерисовать. Закрасьте нужное место белым, остальное чёрным, и пришлите ещё раз.
mask-everything = Похоже, отмечено почти всё. Закрасьте только то, что надо перерисовать, и пришлите ещё раз.
mask-shape = У маски другие пропорции, чем у картинки. Не обрезайте и не поворачивайте её — и пришлите ещё раз.

## Очередь

job-queued = Добавил в очередь.
job-requeued = Бот перезапускался, запрос снова в очереди.
job-queued-larger = Добавил в очередь на увеличение.
job-queued-describe = Посмотрю, что на картинке.
job-drawing = Рисую…
job-drawing-percent = Рисую… { $percent } %
job-enlarging = Увеличиваю…
job-enlarging-percent = Увеличиваю… { $percent } %
job-describing = Рассматриваю картинку…
job-describing-percent = Рассматриваю картинку… { $percent } %
job-cancelled = Отменено.
job-failed-engine = Не получилось нарисовать: что-то пошло не так с моей стороны. Попробуйте ещё раз.
job-failed-crashed = Не получилось нарисовать: пока я рисовал, бот несколько раз перезапускался. Попробуйте, пожалуйста, ещё раз.
job-failed-describe = Не получилось рассмотреть картинку: что-то пошло не так с моей стороны. Попробуйте ещё раз.
job-failed-picture-gone = Не получилось: исходной картинки уже нет. Пришлите её, пожалуйста, ещё раз.
job-failed-bad-picture = Не получилось открыть исходную картинку: похоже, файл повреждён или слишком большой. Пришлите её, пожалуйста, ещё раз.
job-failed-too-large = Картинка вышла бы слишком большой. Выберите увеличение поменьше или пришлите картинку меньшего размера.
job-failed-bad-mask = Маска не подошла: она пустая, закрывает всё или от другой картинки. Отметьте место ещё раз.
job-failed-unreadable = Этот запрос не прочитать: похоже, он остался от прежней версии. Пришлите описание заново.
trouble = Не получилось сохранить. Попробуйте, пожалуйста, чуть позже.

place-paused = Бот на паузе, запрос сохранён: нарисую, как только она закончится.
place-loading = Модель загружается… Начну, как только она будет готова.
place-first = Начинаю.
place-first-estimate = Начинаю. Обычно это { $duration }.
place-later = Ваше место в очереди — { $position }-е.
place-later-estimate = Ваше место в очереди — { $position }-е. Осталось: { $duration }.

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

queue-empty = В очереди нет ваших запросов. Напишите, что нарисовать.
queue-title =
    { $count ->
        [one] В очереди { $count } ваш запрос:
        [few] В очереди { $count } ваших запроса:
       *[other] В очереди { $count } ваших запросов:
    }
queue-job = { $number }. «{ $prompt }»
queue-more =
    { $count ->
        [one] и ещё { $count } запрос
        [few] и ещё { $count } запроса
       *[other] и ещё { $count } запросов
    }

cancel-which = Какой запрос отменить?
cancel-nothing = Отменять нечего: в очереди нет ваших запросов.
cancel-done = Отменил.
cancel-stopping = Останавливаю.
cancel-too-late = Уже поздно: картинка готова.
cancel-not-yours = Отменить может только автор запроса.
cancel-done-all =
    { $count ->
        [0] Отменять уже нечего.
        [one] Отменил { $count } запрос.
        [few] Отменил { $count } запроса.
       *[other] Отменил { $count } запросов.
    }

## Картинка

result-caption = «{ $prompt }»
result-mix = Смешивание
result-vary = Вариация
result-inpaint = Перерисованная часть
result-outpaint = Расширенная картинка
result-told = { $what }: «{ $prompt }»
result-upscale = Увеличил в { $scale } раза
result-resampled = Модели для увеличения здесь нет, поэтому картинка просто растянута: новых деталей в ней нет.
quoted-word = «{ $word }»
result-unknown-words = { $count ->
    [one] Мини-модель не знает слова { $words } и рисовала без него.
   *[other] Мини-модель не знает слов { $words } и рисовала без них.
}
result-knows-nothing = Мини-модель не знает, что это такое ({ $words }), и нарисовала наугад. Попробуйте «кот на синем фоне» или «красная ракета».
result-unread = Описание длиннее, чем я могу прочесть: конец, начиная со слов «{ $words }…», я не учёл.
result-unread-negative = Список того, что исключить, длиннее, чем я могу прочесть: конец, начиная со слов «{ $words }…», я не учёл.
result-picked = Что сделать с картинкой { $number }?
result-as-file = Как фото Telegram такую картинку не принимает, поэтому отправляю файлом.
result-covered = Картинка может понравиться не всем, поэтому она закрыта. В полном размере пришлю её по кнопке «Файл».
result-as-jpeg = PNG получился слишком большим для Telegram, поэтому отправляю JPEG.
result-as-small-photo = Отправить файлом не вышло, поэтому здесь JPEG, уменьшенный, если было нужно.
result-photos-forbidden = Фото здесь отправлять нельзя, поэтому отправляю файлом.
result-forbidden = Картинка готова, но отправлять сюда фото и файлы мне нельзя. Попросите администратора разрешить и нажмите кнопку.
button-resend = 📤 Отправить ещё раз
file-gone = Файл уже удалён. Нажмите «Ещё раз» — нарисую снова.
larger-file-gone = Файл уже удалён. Если картинка ещё на месте, увеличьте её снова.
deleted = Удалил.
delete-not-yours = Удалить может только автор запроса или администратор группы.
share-link = По этой ссылке откроются такие же параметры: { $link }
reprompt = Пришлите новое описание. Старое: «{ $prompt }»
reprompt-new = Напишите, какой должна стать эта картинка.

task-draw = Картинка по описанию
task-mix = Смешивание
task-vary = Вариация
task-change = Изменение по тексту
task-inpaint = Перерисованная часть
task-outpaint = Расширение
task-upscale = Увеличенная картинка
task-describe = Описание картинки
info-shares = Доли: { $value }
info-strength = Сила изменения: { $value }
info-closeness = Похожесть: { $value }
info-scale = Увеличение: { $value }
info-steps = Шаги: { $value }
info-translation = Нарисовано по: { $value }
english-ask =
    Пришлите английский текст, по которому нарисовать «{ $written }». Сид останется прежним. Сейчас текст такой:

    { $english }
english-needed = Здесь нужен текст на английском, например: a red cat on a roof
advice-english = Эта модель лучше понимает английский. Опишите то же самое по-английски — выйдет точнее.
advice-translator = Эта модель лучше понимает английский. Чтобы я сам переводил описания, скачайте переводчик командой kandinsky-bot model fetch и перезапустите бота.

history-title = Последние картинки. Нажмите номер — пришлю ещё раз.
history-empty = Пока пусто. Напишите, что нарисовать.
history-prompt = «{ $prompt }»
inline-nothing = Сначала нарисуйте что-нибудь
inline-not-served = К сожалению, здесь я вам не помогу

## Карточка

card-title-draw = Параметры картинки
card-title-mix = Смешивание
card-title-vary = Вариации
card-title-change = Изменение по тексту
card-title-inpaint = Перерисовать часть
card-title-outpaint = Расширение
card-title-settings = Настройки
card-prompt = Описание: { $value }
card-part = • { $value }
card-part-picture = картинка { $number }
card-part-text = текст «{ $prompt }»
card-style = Стиль: { $value }
card-size = Размер: { $value }
card-negative = Исключить: { $value }
card-count = Количество: { $value }
card-seed = Сид: { $value }
card-seed-any = случайный
card-none = нет
card-left-out =
    { $count ->
        [one] Возьму только первую картинку.
        [few] Возьму первые { $count } картинки.
       *[other] Возьму первые { $count } картинок.
    }
card-not-yours = Это кнопки другого человека. Напишите /imagine — сделаю ваши.
card-ask-prompt = Напишите описание.
card-ask-negative = Напишите, чего не должно быть на картинке.
card-ask-seed = Напишите сид — целое число. С тем же сидом и описанием выйдет та же картинка.
seed-no-number = Сид — это целое число, например 42. Напишите ещё раз.
draft-forgotten = Хорошо, отменил. Напишите, что нарисовать.
size-choose = Какой размер?
count-choose = Сколько картинок?
strength-30 = Слегка { $percent } %
strength-50 = Средне { $percent } %
strength-70 = Сильно { $percent } %
closeness-0 = Не важно
closeness-30 = Похоже
closeness-60 = Почти так же
extend-left = ⬅️ Влево
extend-right = ➡️ Вправо
extend-up = ⬆️ Вверх
extend-down = ⬇️ Вниз
extend-half = 🔍 1,5×
extend-square = ⬜ Квадрат
extend-to = { $ratio }

## Настройки

settings-title = Настройки этого чата
settings-speed = Когда вы пишете: { $value }
speed-quick = рисую сразу
speed-classic = сначала показываю параметры
settings-previews = Показывать наброски: { $value }
settings-translate = Переводить описания: { $value }
settings-captions = Картинка с подписью: { $value }
captions-ask = спрашиваю
captions-mix = смешиваю с текстом
captions-change = изменяю по тексту
settings-ask-negative = Напишите, чего никогда не рисовать в этом чате.
settings-ask-seed = Напишите сид — целое число — для всех новых картинок.
yes = да
no = нет

## Чего я не рисую и сколько

refused-minors = Такого я не рисую: похоже на сексуальное содержание с детьми или подростками. Если вы о другом, опишите, пожалуйста, иначе.
refused-sexual = Такого я не рисую: похоже на сексуальное содержание. Если вы о другом, опишите, пожалуйста, иначе.
refused-hate = Такого я не рисую: похоже на разжигание вражды. Если вы о другом, опишите, пожалуйста, иначе.
refused-gore = Такого я не рисую: похоже на сцену жестокости. Если вы о другом, опишите, пожалуйста, иначе.

limit-waiting =
    { $count ->
        [one] Больше { $count } запроса сразу нельзя: столько уже в очереди.
        [few] Больше { $count } запросов сразу нельзя: столько уже в очереди.
       *[other] Больше { $count } запросов сразу нельзя: столько уже в очереди.
    } Дождитесь, пожалуйста, хотя бы одной картинки.
limit-hour =
    { $count ->
        [one] Лимит на час исчерпан: вы заказали уже { $count } картинку.
        [few] Лимит на час исчерпан: вы заказали уже { $count } картинки.
       *[other] Лимит на час исчерпан: вы заказали уже { $count } картинок.
    }
limit-day =
    { $count ->
        [one] Лимит на сутки исчерпан: вы заказали уже { $count } картинку.
        [few] Лимит на сутки исчерпан: вы заказали уже { $count } картинки.
       *[other] Лимит на сутки исчерпан: вы заказали уже { $count } картинок.
    }
limit-chat-hour =
    { $count ->
        [one] Лимит этого чата на час исчерпан: здесь заказали уже { $count } картинку.
        [few] Лимит этого чата на час исчерпан: здесь заказали уже { $count } картинки.
       *[other] Лимит этого чата на час исчерпан: здесь заказали уже { $count } картинок.
    }
limit-next = До следующей ещё примерно { $duration }.

stranger = Этот бот рисует для своих, и вас пока нет в списке. Если хотите рисовать здесь, попросите владельца бота вас добавить. Ваш Telegram ID: { $id }
banned = К сожалению, владелец бота закрыл вам доступ.

## Что хранится

privacy =
    Что я храню:

    • Описания ваших картинок и настройки чата — пока вы их не удалите.
    • Фото, которые вы прислали, — { $inputs }.
    • Готовые картинки — { $results }.

    Всё это лежит в базе данных на компьютере владельца бота. Там же я и рисую: дальше этого чата ничего не уходит.
privacy-hours =
    { $count ->
        [one] ещё { $count } час
        [few] ещё { $count } часа
       *[other] ещё { $count } часов
    } после того, как я пришлю картинку
privacy-days =
    { $count ->
        [one] ещё { $count } день
        [few] ещё { $count } дня
       *[other] ещё { $count } дней
    } после того, как я пришлю картинку
privacy-unlimited = пока вы их не удалите
privacy-disk = Если на диске станет мало места, старые картинки удалятся раньше.
privacy-forget = Удалить всё сразу — /forget.

forget-ask = Удалить всё: ваши описания, фото, готовые картинки и настройки? Запросы в очереди будут отменены. Вернуть это потом нельзя. Сообщения в этом чате останутся — их можете удалить только вы.
forget-done = Готово: я удалил всё, что хранил о вас.
forget-done-times = Ещё сутки помню только, когда вы просили картинки, — чтобы не сбились ограничения.
forget-trouble = Не получилось удалить. Попробуйте, пожалуйста, чуть позже.
forget-not-done = Хорошо, ничего не удаляю.
forget-in-private = Напишите мне /forget в личные сообщения: здесь на кнопку мог бы нажать кто угодно.

## Ключи для других программ

key-none = С ключом рисовать сможет и другая программа — как будто просите вы: в той же очереди и с теми же ограничениями.
key-new = Новый ключ — это /key и название программы, например: /key Open WebUI
key-list = Ваши ключи:
key-line = • { $name } — { $used }
key-never-used = ещё не работал
key-used-today = работал за последние сутки
key-used =
    { $count ->
        [one] работал { $count } день назад
        [few] работал { $count } дня назад
       *[other] работал { $count } дней назад
    }
key-made =
    Ключ «{ $name }» готов:

    { $key }

    Адрес для программы: { $url }

    Сохраните ключ сразу: больше я его не покажу. Кто его знает, рисует от вашего имени. Удалить его можно через /key.
key-name-taken = Ключ «{ $name }» у вас уже есть. Назовите новый иначе или сначала удалите тот через /key.
key-bad-name = Название — это одна строка не длиннее { $limit } символов, например: /key Open WebUI
key-too-many = У вас уже { $count } ключей, больше нельзя. Удалите ненужный через /key.
key-removed = Ключ «{ $name }» удалён
key-in-private = Ключи — секрет: напишите мне /key в личные сообщения.
key-not-served = API для других программ выключен. Чтобы включить, задайте KANDINSKY_WEB_LISTEN, например 127.0.0.1:8081.

## Для владельца

owner-stats =
    Люди: { $people }, за сутки: { $people-today }
    Запросы: { $jobs }, за сутки: { $jobs-today }
    Ждут: { $waiting }, рисуются: { $running }
    Не получилось: { $failed }, за сутки: { $failed-today }
    Обычное время рисования: { $median }
    База на диске: { $megabytes } МБ
    Работаю: { $uptime }
owner-unknown = пока неизвестно
owner-stats-paused = Очередь на паузе, снять — /resume
owner-paused = Очередь на паузе. Что рисуется сейчас, дорисую; новые запросы сохраню. Снять с паузы — /resume
owner-resumed =
    { $count ->
        [0] Пауза окончена. В очереди пусто.
        [one] Пауза окончена. В очереди { $count } запрос.
        [few] Пауза окончена. В очереди { $count } запроса.
       *[other] Пауза окончена. В очереди { $count } запросов.
    }
owner-ban-whom = Кого? Ответьте этой командой на сообщение человека или напишите его Telegram ID: /ban 123456789
owner-ban-nobody = Владельцам и мне самому доступ не закрыть.
owner-banned = { $id }: доступ закрыт, запросы в очереди отменены.
owner-banned-already = { $id }: доступ уже закрыт.
owner-unbanned = { $id }: доступ открыт.
owner-unbanned-already = { $id }: доступ и так открыт.
owner-broadcast-what = Что написать? Текст — сразу после команды: /broadcast Завтра бот отдыхает.
owner-broadcast-ask =
    { $count ->
        [one] Отправить это в { $count } чат?
        [few] Отправить это в { $count } чата?
       *[other] Отправить это в { $count } чатов?
    }
owner-broadcast-dropped = Хорошо, никому не пишу.
owner-broadcast-progress = Рассылаю: { $sent } из { $all }. Заблокировали бота: { $gone }, не принято: { $refused }
owner-broadcast-done = Разослано: { $sent } из { $all }. Заблокировали бота: { $gone }, не принято: { $refused }
owner-alert =
    { $count ->
        [one] Не получилось нарисовать { $count } картинку подряд.
        [few] Не получилось нарисовать { $count } картинки подряд.
       *[other] Не получилось нарисовать { $count } картинок подряд.
    } Загляните в журнал. Напишу снова, только если после удачной картинки всё повторится.

## Стиль и язык

style-choose = Выберите стиль — в нём будут все новые картинки.
style-choose-card = В каком стиле?
style-unknown = Такого стиля нет. Выберите из этих:
style-choose-other = Стиль: { $style }. В нём будут все новые картинки.
style-chosen = Стиль: { $style }
style-redraw-untitled = В каком стиле перерисовать?
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
button-again = 🎲 Ещё раз
button-mix-anew = 🧬 Новое смешивание
button-variations = 🔁 Вариации
button-reprompt = ✍️ Изменить описание
button-restyle = 🎨 Изменить стиль
button-mix = 🧬 Смешать
button-inpaint = 🖌 Перерисовать часть
button-outpaint = ↔️ Расширить
button-upscale = 🔍 Крупнее
button-describe = 👁 Описать
button-vary = 🔁 Вариации
button-change = ✏️ Изменить
button-file = 📄 Файл
button-info = ℹ️ Параметры
button-ask-delete = 🗑
button-delete = 🗑 Удалить
button-keep = Оставить
button-to-card = 📝 Изменить параметры
button-english = ✏️ Исправить перевод
button-share = 🔗 Ссылка
button-older = ⬇️ Раньше
button-mix-with-text = 🧬 Смешать с текстом
button-change-by-text = ✏️ Изменить по тексту

menu-draw = 🖼 Картинка по описанию
menu-mix = 🧬 Смешивание
menu-vary = 🔁 Вариации
menu-change = ✏️ Изменить
menu-inpaint = 🖌 Перерисовать часть
menu-outpaint = ↔️ Расширить
menu-upscale = 🔍 Крупнее
menu-describe = 👁 Описать картинку
button-settings = ⚙️ Настройки

button-start = ✅ Нарисовать
button-style = 🎨 Стиль
button-size = 📐 Размер
button-negative = ⛔ Исключить
button-count = 🔢 Количество
button-seed = 🌱 Сид
button-prompt = ✍️ Описание
button-back = ◀️ Назад
button-discard = ✖️ Отмена
button-no-prompt = Без описания
button-no-negative = Ничего не исключать
button-random-seed = Случайный сид
button-mark-paint = 🖌 Закрасить в Telegram
button-mark-file = 📎 Прислать маску
button-mark-area = 🔲 Область
button-mask-right = ✅ Верно
button-mask-invert = 🔃 Инвертировать
button-mask-again = ↩️ Отметить заново
button-mask-wider = ➕ Шире
button-quick = ⚡ Рисовать сразу
button-classic = 📝 Сначала параметры
button-previews = 👁 Показывать наброски
button-no-previews = 👁 Без набросков
button-translate = 🔤 Переводить описания
button-no-translation = 🔤 Не переводить
button-captions = 🖼 Картинка с подписью
button-draw-after-all = 🖌 Всё-таки нарисовать
button-upscale-after-all = 🔍 Всё-таки увеличить
button-describe-after-all = 👁 Всё-таки описать
button-forget = 🗑 Удалить всё
button-forget-not = Не удалять
button-broadcast = 📣 Отправить
button-broadcast-not = Не отправлять
button-key-remove = 🗑 { $name }
button-stale = Эта кнопка устарела
