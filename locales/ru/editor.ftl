# Редактор: холст, на котором рисуют, перерисовывают и расширяют. Обращение — «вы» со строчной буквы.

editor-title = Кандинский — редактор
editor-loading = Загружаю…
editor-again = Попробовать ещё раз
editor-close = Закрыть
editor-menu = Меню
editor-menu-of = Что сделать: { $name }
editor-switch-language = English
editor-debug = События Telegram
editor-percent = { $n } %
editor-seconds = { $n } с
editor-minutes = { $n } мин

## Пустой холст

editor-blank-title = Чистый холст
editor-invite = Что нарисуем?
editor-invite-how = Опишите картинку своими словами, откройте фото или перетащите его сюда.
editor-idea-1 = рыжий кот на синем фоне
editor-idea-2 = красная ракета на белом фоне
editor-idea-3 = подсолнух на голубом фоне
editor-idea-4 = сова на зелёном фоне
editor-open = Открыть фото
editor-blank = Чистый холст
editor-opening = Открываю…
editor-too-big = Слишком большой файл: можно до { $size } МБ.
editor-untitled = Без описания
editor-photo = Фото
editor-gone = Этой картинки уже нет.

## Инструменты

editor-tools = Инструменты
editor-options = Настройка инструмента
editor-hand = Рука
editor-brush = Кисть
editor-eraser = Ластик
editor-rectangle = Прямоугольник
editor-frame = Рамка
editor-frame-lock = Окно { $side }
editor-frame-off = Убрать рамку
editor-window-how = Дорисую то, что в окне пусто или закрашено.
editor-invert = Наоборот
editor-widen = Шире
editor-clear = Очистить маску
editor-size = Размер кисти
editor-overlay = Как показывать маску
editor-overlay-red = Красным
editor-overlay-outline = Контуром
editor-overlay-hidden = Скрыть
editor-steps-group = Отмена и возврат
editor-undo = Отменить
editor-redo = Вернуть
editor-zoom-group = Масштаб
editor-zoom-in = Крупнее
editor-zoom-out = Мельче
editor-fit = Вписать
editor-full = { $n } %. Показать в размере картинки
editor-extend-left = Влево
editor-extend-right = Вправо
editor-extend-up = Вверх
editor-extend-down = Вниз
editor-extend-half = ×1,5
editor-extend-double = ×2
editor-extend-square = Квадрат
editor-extend-wide = 16:9
editor-extend-tall = 9:16
editor-pen-only = Рисовать только пером, пальцем двигать
editor-pen-down = Кисть опущена
editor-pen-up = Кисть поднята
editor-canvas-state = Холст. { $tool }, закрашено { $share } %
editor-canvas-empty = Чистый холст

## Параметры

editor-panel = Параметры картинки
editor-panel-size = Развернуть или свернуть параметры
editor-prompt = Описание
editor-prompt-hint = Что нарисовать? Например, луна над морем
editor-prompt-hint-picture = Что здесь нарисовать или изменить?
editor-prompt-none = Описание, стиль и другие параметры
editor-style = Стиль
editor-style-more = Все стили
editor-style-less = Свернуть
editor-style-search = Найти стиль
editor-style-nothing = Такого стиля нет.
editor-small-model = Встроенная мини-модель стилей не различает: они для полной Kandinsky 2.1.
editor-ratio = Формат
editor-ratio-own = Свои пропорции, например 4:3
editor-width-square = Квадрат
editor-width-wide = Шире
editor-width-panorama = Панорама
editor-strength = Насколько изменить
editor-closeness = Похожесть
editor-count = Количество
editor-more-settings = Ещё параметры
editor-picture-size = Размер
editor-negative = Исключить
editor-negative-hint = Чего не должно быть
editor-seed = Сид
editor-seed-any = случайный
editor-seed-dice = Новый сид
editor-steps = Шаги
editor-steps-own = обычно
editor-tray = Смешать картинки
editor-tray-how = Добавьте картинку — смешаю её с холстом или с описанием.
editor-part-file = Из файла
editor-part-mine = Из моих
editor-part-canvas = холст
editor-part-add = Добавить к смеси
editor-part-text = описание
editor-part-picture = картинка { $n }
editor-part-remove = Убрать: { $name }
editor-share-of = Доля: { $name }

## Что сделает главная кнопка

editor-draw = Нарисовать
editor-repaint = Перерисовать
editor-fill-empty = Дорисовать пустое
editor-extend = Расширить
editor-crop = Обрезать
editor-fill-window = Дорисовать в окне
editor-change = Изменить
editor-vary = Сделать вариации
editor-mix = Смешать
editor-missing-prompt = Опишите, что нарисовать.
editor-missing-mix = Для смеси нужны две части: добавьте картинку или описание.
editor-missing-window = Сдвиньте окно за край картинки или закрасьте в нём то, что перерисовать.
editor-mask-beside = Закрашенное — за пределами окна, там ничего не изменится.

## Пока рисуется

editor-sending = Отправляю…
editor-drawing = Рисую… { $n } %
editor-next = Сейчас начну…
editor-place = { $n ->
    [one] Перед вами { $n } запрос
    [few] Перед вами { $n } запроса
   *[other] Перед вами { $n } запросов
}
editor-paused = Очередь на паузе, запрос сохранён
editor-model-loading = Модель загружается…
editor-left = Осталось { $time }
editor-cancel = Остановить
editor-offline = Нет связи. Ничего не потеряно.
editor-failed = Не получилось. Попробуйте ещё раз.
editor-expired = Откройте редактор из чата заново.

## Результаты

editor-results-region = Результаты
editor-results = { $n ->
    [one] Готово
    [few] Готово: { $n } картинки
   *[other] Готово: { $n } картинок
}
editor-result-n = Картинка { $n }
editor-flagged = Картинка может понравиться не всем, поэтому она закрыта.
editor-take = Взять за основу
editor-more = Ещё варианты
editor-compare = Сравнить
editor-compare-slider = Граница между «до» и «после»
editor-compare-value = { $n } % — «до»
editor-before = До
editor-after = После
editor-download = Скачать
editor-empty-parts = Часть картинки пустая. Как скачать?
editor-as-it-is = Как есть, PNG
editor-on-white = На белом, JPEG
editor-no-download = Этот Telegram не умеет скачивать отсюда.
editor-send = В чат
editor-send-file = В чат файлом
editor-sent = Отправил в чат
editor-share = Поделиться
editor-recipe = Параметры
editor-recipe-use = Повторить
editor-copy = Скопировать
editor-copied = Скопировано
editor-delete = Удалить
editor-delete-sure = Удалить эту картинку? Вернуть её не получится.
editor-keep = Не удалять

## Версии и свои картинки

editor-versions = Версии
editor-version-n = Версия { $n }
editor-original = Исходная
editor-gallery = Мои картинки
editor-gallery-part = Что добавить к смеси?
editor-gallery-search = Найти по описанию
editor-gallery-more = Показать ещё
editor-gallery-empty = Пока пусто. Нарисуйте что-нибудь — и картинка появится здесь.
editor-gallery-nothing = Ничего не нашлось.

## Клавиши

editor-keys = Клавиши
editor-keys-tools = кисть, ластик, прямоугольник, рамка, рука
editor-keys-swap = кисть и ластик по очереди
editor-keys-size = размер кисти, с Shift — вдвое
editor-keys-undo = отменить, вернуть
editor-keys-mask = маску наоборот, шире, очистить
editor-keys-zoom = вписать, в размере картинки, крупнее, мельче
editor-keys-arrows = двигать холст или рамку, с Shift — размер рамки
editor-keys-paint = рисовать без мыши: вести кисть, опустить и поднять
editor-keys-go = главная кнопка
editor-keys-esc = остановить, закрыть, отложить инструмент
editor-keys-compare = держать: сравнить с тем, что было
editor-keys-files = скачать, вставить картинку, открыть
editor-keys-help = эта таблица
