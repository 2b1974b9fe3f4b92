# Страница игровой площадки. Слова бота — в других файлах.

page-title = Кандинский — песочница
page-status-small =
    { $count ->
        [one] встроенная мини-модель: умеет { $count } предмет
        [few] встроенная мини-модель: умеет { $count } предмета
       *[other] встроенная мини-модель: умеет { $count } предметов
    }
page-status-full = рисует на этом компьютере
page-connecting = соединяюсь…

page-about = Что это?
page-about-title = Песочница
page-about-what = Здесь тот же бот, что и в Telegram: те же команды, кнопки и очередь. Только чат открыт прямо на этом компьютере.
page-about-small = Рисует маленькая модель, встроенная в программу. Она умеет немного: простые предметы на простом фоне — чтобы попробовать. Настоящая Kandinsky 2.1 рисует несравнимо лучше.
page-about-full = Рисует модель, которую вы указали при запуске.
page-about-private = Всё остаётся у вас: ни слова, ни картинки никуда не отправляются. Переписка лежит в папке с данными этой программы, пока вы её не удалите.
page-clear = Удалить переписку
page-clear-sure = Удалить всю переписку на этой странице? Очередь и картинки, которые хранит бот, останутся: их удаляет команда /forget.
page-about-telegram = Чтобы бот появился в Telegram, запустите программу с токеном от @BotFather — как, написано в README.

page-switch-language = Switch to English
page-switch-theme = Светлая или тёмная тема

page-messages = Сообщения
page-empty-title = Что нарисуем?
page-empty-text = Напишите по-русски или по-английски, что хотите увидеть, или начните с одной из этих идей.
page-suggestions = Например
page-start = Что умеет бот

page-message = Опишите картинку…
page-send = Отправить
page-menu = Команды и идеи
page-commands = Команды
page-reply = Ответить
page-reply-cancel = Не отвечать
page-jump = Показать исходное сообщение
page-you = Вы

page-attach = Прикрепить
page-attach-photo = Фото
page-attach-file = Файл
page-attached = Прикреплено
page-attached-clear = Убрать всё
page-remove = Убрать
page-send-as = Как отправить
page-as-photo = Фото
page-as-file = Файл
page-drop = Отпустите, чтобы прикрепить
page-too-big = Слишком большой файл: можно до { $size } МБ.
page-too-many = За один раз можно до { $most } файлов.
page-not-sent = Не отправилось: программа не отвечает.
page-unsent = Ещё не отправлено
page-sending = Отправляется…
page-refused = Не принято: { $reason }
page-refused-shape = Картинка слишком вытянутая для фото. Отправьте её файлом.
page-refused-picture = Это не открывается как картинка. Подойдут PNG, JPEG и WebP.
page-refused-size = Файл слишком большой.
page-refused-length = Слишком длинный текст.
page-refused-empty = Файл пустой.
page-unsent-again = Повторить
page-unsent-edit = Изменить
page-unsent-drop = Удалить
page-unfold = ⋯ Кнопки картинки
page-copied = Скопировано

page-inline = Результаты бота
page-inline-nothing = Ничего не нашлось
page-via = через { $bot }

page-photo = Фото
page-file = Файл
page-picture = Просмотр картинки
page-open-picture = Открыть картинку
page-save = Сохранить
page-close = Закрыть
page-previous = Предыдущая
page-next = Следующая
page-ok = Понятно

page-from-me = Ваше сообщение
page-from-bot = Сообщение бота
page-buttons = Кнопки под сообщением
page-today = Сегодня
page-to-end = К последнему сообщению
page-unread = { $count ->
    [one] { $count } новое сообщение
    [few] { $count } новых сообщения
   *[other] { $count } новых сообщений
}

page-busy-typing = печатает…
page-busy-photo = отправляет картинку…
page-busy-file = отправляет файл…

page-editor = Редактор
page-editor-back = Назад
page-editor-leave = Закрыть
page-editor-unsaved = Кое-что ещё не закончено. Всё равно закрыть?
page-cancel = Отмена
