# Чат. Обращение — «вы» со строчной буквы.

## Начало и помощь

greeting = Привет! Я рисую по описанию на русском и английском, смешиваю картинки, делаю вариации и дорисовываю.
greeting-how = Просто напишите, что нарисовать, или выберите режим.
greeting-how-in-group = Чтобы я нарисовал, напишите /imagine и описание.
greeting-examples = Или начните с одного из этих:

help =
    Опишите картинку своими словами: что на ней, какого цвета, на каком фоне. Я поставлю рисунок в очередь и пришлю его сюда.

    Пришлите картинку — и я сделаю вариации, изменю её по тексту, перерисую часть или дорисую края. Альбом, картинка в ответ на картинку или две подряд после /mix — смешаю.

    Ответьте на мой рисунок новым текстом — нарисую то же самое с ним. Рисунок по тексту, присланный файлом, вернёт все свои параметры.

    Для знатоков — прямо в описании: --ar 16:9 --no вода --seed 42 --style аниме --n 2 --steps 50. Или второй строкой: «Без: вода».

    В группе позовите меня командой /imagine.

    Команды:

help-translator = Перевод: OPUS-MT, Хельсинкский университет, CC BY 4.0

command-start = Меню
command-imagine = Нарисовать по тексту
command-mix = Смешать картинки или картинку с текстом
command-variations = Вариации картинки
command-change = Изменить картинку по тексту
command-inpaint = Перерисовать часть картинки
command-outpaint = Расширить картинку
command-style = Выбрать стиль
command-settings = Размер, количество, сид, язык
command-queue = Мои задания
command-cancel = Отменить
command-history = Последние картинки
command-help = Как пользоваться
command-privacy = Что я храню
command-forget = Удалить всё обо мне
command-stats = Бот в цифрах
command-pause = Поставить очередь на паузу
command-resume = Снять с паузы
command-ban = Закрыть доступ: /ban номер
command-unban = Вернуть доступ: /unban номер
command-broadcast = Написать всем: /broadcast текст

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
button-draw-anyway = 🖌 Всё-таки нарисовать
edited-offer = Вижу, вы изменили описание. Нарисовать по новому?
button-draw-edited = ✏️ Нарисовать по-новому

# How a second line begins that says what shall not be there.
negative-line = Без:
flag-misspelt = Флага --{ $name } нет. Может быть, --{ $nearest }? Поправьте и пришлите ещё раз.
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
        [one] В негативном запросе { $length } символ
        [few] В негативном запросе { $length } символа
       *[other] В негативном запросе { $length } символов
    }, а я прочту не больше { $limit }. Сократите, пожалуйста, и пришлите ещё раз.
flag-hint-ar = Напишите пропорции, например --ar 16:9.
flag-hint-no = Напишите, чего не должно быть: --no вода.
flag-hint-seed = Напишите целое число, например --seed 42.
flag-hint-style = Напишите название стиля, например --style аниме. Все стили — в /style.
flag-hint-n = Можно от 1 до 4 картинок: --n 2.
flag-hint-steps = Можно от 1 до 200 шагов: --steps 50.
flag-hint-iw = Напишите долю картинки в смеси, например --iw 0.7.
flag-hint-strength = Напишите, сколько изменить в процентах: --strength 50.

# Words that turn a setting off, and words for this language; capitals do not count.
off-words = выкл, выключи, выключить, нет, ничего, пусто, сброс, -, —
language-words = русский, по-русски, рус, russian, rus

## Картинки, которые присылают

picture-received = Красиво! Что с ней сделать?
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
answer-this-message = В группе пришлите это ответом на моё сообщение.
ask-second-part = Первое есть. Теперь пришлите вторую картинку или напишите текст.

ask-prompt-draw = Опишите картинку: что на ней, какого цвета, с каким настроением.
ask-prompt-mix = Напишите текст для смеси.
ask-prompt-vary = Напишите описание.
ask-prompt-change = Какой она должна стать? Напишите словами.
ask-prompt-inpaint = Что нарисовать на этом месте?
ask-prompt-outpaint = Что нарисовать вокруг?

recipe-restored = Узнаю свой рисунок! Вот все его параметры.
recipe-needs-pictures = Для этого рецепта нужны исходные картинки, а их здесь нет. Пришлите свои и выберите режим.
link-stale = Эта ссылка больше не работает. Опишите словами, что нарисовать.

## Маска

mark-how =
    Как отметить, что перерисовать?

    🖌 закрасить прямо в Telegram
    📎 прислать маску: белое перерисую
    🔲 выбрать готовую область
mark-paint-how = Откройте картинку в редакторе Telegram, закрасьте нужное место одним ярким цветом и пришлите сюда. Не обрезайте и не поворачивайте.
mark-file-how = Пришлите маску того же размера: белое я перерисую, чёрное оставлю. Подойдёт и PNG с прозрачным местом.
mark-area = Какую часть перерисовать?
area-top = ⬆️ Верх
area-bottom = ⬇️ Низ
area-left = ⬅️ Левая половина
area-right = ➡️ Правая половина
area-centre = ⏺ Середина
area-border = 🔲 Края
mask-right = Красное перерисую. Верно?
mask-nothing = Не вижу, что отмечено. Закрасьте место ярким цветом поплотнее и пришлите ещё раз.
mask-unclear = Часть маски прозрачная, и непонятно, что из двух перерисовать. Закрасьте нужное место белым, остальное чёрным, и пришлите ещё раз.
mask-everything = Похоже, отмечено почти всё. Закрасьте только то, что надо перерисовать, и пришлите ещё раз.
mask-shape = У маски другие пропорции, чем у картинки. Не обрезайте и не поворачивайте её — и пришлите ещё раз.

## Очередь

job-queued = Добавил в очередь на генерацию изображения.
job-requeued = Бот перезапускался, задание снова в очереди.
job-drawing = Рисую…
job-drawing-percent = Рисую… { $percent } %
job-cancelled = Отменено.
job-failed-engine = Не получилось нарисовать: что-то пошло не так с моей стороны. Попробуйте ещё раз.
job-failed-crashed = Не получилось нарисовать: пока я рисовал, бот несколько раз перезапускался. Попробуйте, пожалуйста, ещё раз.
job-failed-picture-gone = Не получилось: исходной картинки уже нет. Пришлите её, пожалуйста, ещё раз.
job-failed-bad-picture = Не получилось открыть исходную картинку: похоже, файл повреждён или слишком большой. Пришлите её, пожалуйста, ещё раз.
job-failed-bad-mask = Маска не подошла: она пустая, закрывает всё или от другой картинки. Отметьте место ещё раз.
job-failed-unreadable = Это задание не прочитать: похоже, оно осталось от прежней версии. Пришлите описание заново.
trouble = Не получилось записать задание, оно не в очереди. Попробуйте, пожалуйста, чуть позже.

place-paused = Бот на паузе, задание сохранено: нарисую, как только она закончится.
place-loading = Модель загружается… Начну, как только она будет готова.
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
result-mix = Смешивание, стиль: "{ $style }"
result-vary = Вариация, стиль: "{ $style }"
result-inpaint = Перерисованная часть, стиль: "{ $style }"
result-outpaint = Расширенная картинка, стиль: "{ $style }"
result-seed = сид { $seed }
quoted-word = «{ $word }»
result-unknown-words = { $count ->
    [one] Мини-модель не знает слова { $words } и рисовала без него.
   *[other] Мини-модель не знает слов { $words } и рисовала без них.
}
result-knows-nothing = Мини-модель не знает, что это такое ({ $words }), и нарисовала наугад. Попробуйте «кот на синем фоне» или «красная ракета».
result-unread = Описание длиннее, чем я могу прочесть: конец, начиная со слов «{ $words }…», я не учёл.
result-unread-negative = Негативный запрос длиннее, чем я могу прочесть: конец, начиная со слов «{ $words }…», я не учёл.
result-picked = Что сделать с картинкой { $number }?
result-as-file = Как фото Telegram такую картинку не принимает, поэтому отправляю файлом.
result-as-jpeg = PNG получился слишком большим для Telegram, поэтому отправляю JPEG.
result-as-small-photo = Отправить файлом не вышло, поэтому здесь JPEG, уменьшенный, если было нужно.
result-photos-forbidden = Фото здесь отправлять нельзя, поэтому отправляю файлом.
result-forbidden = Картинка готова, но отправлять сюда фото и файлы мне нельзя. Попросите администратора разрешить и нажмите кнопку.
button-resend = 📤 Отправить ещё раз
file-gone = Файл уже удалён. Нажмите «Заново» — нарисую ещё раз.
deleted = Удалил.
delete-not-yours = Удалить может только тот, кто просил, или администратор группы.
share-link = По этой ссылке любой откроет рецепт как свою карточку: { $link }
reprompt = Пришлите новый запрос. Старый: «{ $prompt }»
reprompt-new = Напишите, какой должна стать эта картинка.

task-draw = Генерация по тексту
task-mix = Смешивание
task-vary = Вариация
task-change = Изменение по тексту
task-inpaint = Перерисованная часть
task-outpaint = Расширение
task-upscale = Увеличение
info-shares = Доли: { $value }
info-strength = Сила изменения: { $value }
info-closeness = Близость: { $value }
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

card-title-draw = Параметры генерации
card-title-mix = Смешивание
card-title-vary = Вариации
card-title-change = Изменение по тексту
card-title-inpaint = Перерисовать часть
card-title-outpaint = Расширение
card-title-settings = Настройки
card-prompt = Запрос: { $value }
card-part = • { $value }
card-part-picture = картинка { $number }
card-part-text = текст «{ $prompt }»
card-style = Стиль: { $value }
card-size = Размер: { $value }
card-negative = Негативный запрос: { $value }
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
card-not-yours = Это чужая карточка. Позовите меня сами — будет своя.
card-ask-prompt = Напишите запрос.
card-ask-negative = Напишите, чего не должно быть на картинке.
card-ask-seed = Напишите сид — целое число. С тем же сидом и запросом выйдет та же картинка.
seed-no-number = Сид — это целое число, например 42. Напишите ещё раз.
draft-forgotten = Хорошо, забыли. Напишите, что нарисовать.
size-choose = Какой размер?
count-choose = Сколько картинок?
strength-30 = Слегка { $percent } %
strength-50 = Средне { $percent } %
strength-70 = Сильно { $percent } %
closeness-0 = Свободно
closeness-30 = Похоже
closeness-60 = Очень близко
extend-half = 🔍 1,5×
extend-square = ⬜ До квадрата
extend-to = До { $ratio }

## Настройки

settings-title = Настройки этого чата
settings-speed = Запрос в чате: { $value }
speed-quick = рисую сразу
speed-classic = сначала карточка
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
refused-hate = Такого я не рисую: похоже на вражду к людям. Если вы о другом, опишите, пожалуйста, иначе.
refused-gore = Такого я не рисую: похоже на сцену жестокости. Если вы о другом, опишите, пожалуйста, иначе.

limit-waiting =
    { $count ->
        [one] У вас уже { $count } задание в очереди.
        [few] У вас уже { $count } задания в очереди.
       *[other] У вас уже { $count } заданий в очереди.
    } Дождитесь, пожалуйста, хотя бы одной картинки.
limit-hour =
    { $count ->
        [one] За последний час вы попросили уже { $count } картинку.
        [few] За последний час вы попросили уже { $count } картинки.
       *[other] За последний час вы попросили уже { $count } картинок.
    }
limit-day =
    { $count ->
        [one] За последние сутки вы попросили уже { $count } картинку.
        [few] За последние сутки вы попросили уже { $count } картинки.
       *[other] За последние сутки вы попросили уже { $count } картинок.
    }
limit-chat-hour =
    { $count ->
        [one] За последний час в этом чате попросили уже { $count } картинку.
        [few] За последний час в этом чате попросили уже { $count } картинки.
       *[other] За последний час в этом чате попросили уже { $count } картинок.
    }
limit-next = До следующей ещё примерно { $duration }.

stranger = Этот бот рисует для своих, и вас пока нет в списке. Если хотите рисовать здесь, попросите владельца бота вас добавить. Ваш номер: { $id }
banned = К сожалению, владелец бота закрыл вам доступ.

## Что хранится

privacy =
    Что я храню:

    • Описания ваших картинок и настройки чата — пока вы их не удалите.
    • Фото, которые вы прислали, — { $inputs }.
    • Готовые картинки — { $results }.

    Всё это лежит в базе данных на компьютере владельца бота. Там же я и рисую: кроме Telegram, никто ничего не получает.
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

forget-ask = Удалить всё: ваши описания, фото, готовые картинки и настройки? Задания в очереди будут отменены. Вернуть это потом нельзя. Сообщения в этом чате останутся — их можете удалить только вы.
forget-done = Готово: я удалил всё, что хранил о вас.
forget-done-times = Ещё сутки помню только, когда вы просили картинки, — чтобы не сбились ограничения.
forget-trouble = Не получилось удалить. Попробуйте, пожалуйста, чуть позже.
forget-not-done = Хорошо, ничего не удаляю.
forget-in-private = Напишите мне /forget в личные сообщения: здесь на кнопку мог бы нажать кто угодно.

## Для владельца

owner-stats =
    Люди: { $people }, за сутки: { $people-today }
    Задания: { $jobs }, за сутки: { $jobs-today }
    Ждут: { $waiting }, рисуются: { $running }
    Не получилось: { $failed }, за сутки: { $failed-today }
    Обычное время рисования: { $median }
    База на диске: { $megabytes } МБ
    Работаю: { $uptime }
owner-unknown = пока неизвестно
owner-stats-paused = Очередь на паузе, снять — /resume
owner-paused = Очередь на паузе. Что рисуется сейчас, дорисую; новые задания сохраню. Снять с паузы — /resume
owner-resumed =
    { $count ->
        [0] Пауза окончена. В очереди пусто.
        [one] Пауза окончена. В очереди { $count } задание.
        [few] Пауза окончена. В очереди { $count } задания.
       *[other] Пауза окончена. В очереди { $count } заданий.
    }
owner-ban-whom = Кого? Ответьте этой командой на сообщение человека или напишите его номер: /ban 123456789
owner-ban-nobody = Владельцам и мне самому доступ не закрыть.
owner-banned = { $id }: доступ закрыт, задания в очереди отменены.
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
        [one] Не получилось нарисовать { $count } задание подряд.
        [few] Не получилось нарисовать { $count } задания подряд.
       *[other] Не получилось нарисовать { $count } заданий подряд.
    } Загляните в журнал. Напишу снова, только если после удачной картинки всё повторится.

## Стиль и язык

style-choose = Выберите стиль — в нём будут все новые картинки.
style-choose-card = В каком стиле?
style-unknown = Такого стиля нет. Выберите из этих:
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
button-mix-anew = 🧬 Новое смешивание
button-variations = 🔁 Вариации
button-reprompt = ✍️ Изменить запрос
button-restyle = 🎨 Изменить стиль
button-mix = 🧬 Смешать
button-inpaint = 🩹 Закрасить
button-outpaint = ↔️ Расширить
button-vary = 🔁 Вариации
button-change = ✏️ Изменить
button-file = 📄 Файл
button-info = ℹ️ Параметры
button-delete = 🗑
button-to-card = 📝 Открыть карточку
button-english = ✏️ Исправить перевод
button-share = 🔗 Ссылка
button-older = ⬇️ Раньше
button-mix-with-text = 🧬 Смешать с текстом
button-change-by-text = ✏️ Изменить по тексту

menu-draw = 🖼 Генерация по тексту
menu-mix = 🧬 Смешивание
menu-vary = 🔁 Вариации
menu-change = ✏️ Изменить
menu-inpaint = 🩹 Закрасить
menu-outpaint = ↔️ Расширить
button-settings = ⚙️ Настройки

button-start = ✅ Начать генерацию
button-style = 🎨 Стиль
button-size = 📐 Размер
button-negative = ⛔ Негативный
button-count = 🔢 Количество
button-seed = 🎲 Сид
button-prompt = ✍️ Запрос
button-back = ◀️ Назад
button-no-prompt = Без запроса
button-no-negative = Ничего не исключать
button-random-seed = Случайный сид
button-mark-paint = 🖌 Закрасить в Telegram
button-mark-file = 📎 Прислать маску
button-mark-area = 🔲 Область
button-mask-right = ✅ Верно
button-mask-invert = 🔃 Инвертировать
button-mask-again = ↩️ Заново
button-mask-wider = ➕ Шире
button-quick = ⚡ Рисовать сразу
button-classic = 📝 Сначала карточка
button-previews = 👁 Показывать наброски
button-no-previews = 👁 Без набросков
button-translate = 🔤 Переводить описания
button-no-translation = 🔤 Не переводить
button-captions = 🖼 Картинка с подписью
button-draw-after-all = 🔄 Всё-таки нарисовать
button-forget = 🗑 Удалить всё
button-forget-not = Не удалять
button-broadcast = 📣 Отправить
button-broadcast-not = Не отправлять
button-stale = Эта кнопка устарела
