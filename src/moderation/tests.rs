//! What is refused, what is not, and what people write to get around it.

use std::io::Write;

use super::*;

fn moderator(strictness: Strictness) -> Moderator {
    Moderator::new(strictness, None).unwrap()
}

fn refused(text: &str) -> Option<Kind> {
    moderator(Strictness::On).check([text])
}

#[test]
fn each_kind_is_told_by_its_name_in_both_languages() {
    for (text, kind) in [
        ("порно с актрисой", Kind::Sexual),
        ("обнажённая девушка на пляже", Kind::Sexual),
        ("портрет голой женщины маслом", Kind::Sexual),
        ("a naked woman by Monet", Kind::Sexual),
        ("hentai poster", Kind::Sexual),
        ("девушка голышом", Kind::Sexual),
        ("голый ребёнок", Kind::Minors),
        ("сексуальная школьница", Kind::Minors),
        ("эротика, 14 лет", Kind::Minors),
        ("sexy 15 year old", Kind::Minors),
        ("a nude little girl", Kind::Minors),
        ("свастика на стене", Kind::Hate),
        ("a swastika flag", Kind::Hate),
        ("расчленённое тело", Kind::Gore),
        ("a decapitated knight", Kind::Gore),
    ] {
        assert_eq!(refused(text), Some(kind), "{text}");
    }
}

#[test]
fn words_are_known_in_all_their_forms() {
    for text in ["порнухой", "ПОРНОГРАФИЯ", "о сексе", "свастикой", "с отрубленной головой", "обезглавленного"]
    {
        assert!(refused(text).is_some(), "{text}");
    }
}

#[test]
fn nobody_is_refused_for_a_word_inside_another() {
    for text in [
        "оскорбление",
        "Scunthorpe United",
        "хлеб на столе",
        "потребитель",
        "колебать воздух",
        "застрахуй дом",
        "кровать и кровля",
        "театральная труппа",
        "жидкий металл",
        "хачапури по-аджарски",
        "хохломская роспись",
        "голубая голова голубя",
        "голем из глины и девушка",
        "секстант капитана",
        "анализ крови",
        "мандарин",
        "cocktail party",
        "Sussex and Essex",
        "an assassin in a class",
        "purple grapes",
        "a therapist",
        "Moby Dick",
        "Charles Dickens",
        "Titanic",
        "a raccoon in Pakistan",
        "document circumference",
        "pussy willow in spring",
        "Suicide Squad",
        "Al Gore giving a speech",
        "Niger river",
        "рубль",
        "команда",
        "корабль",
        "голые деревья зимой",
        "король голый",
        "мужчина, голый по пояс, колет дрова",
        "рыцарь и мужчина с обнажённым мечом",
        "a man with a naked sword",
        "девочка с персиками",
        "дети играют в парке",
        "a boy with a dog",
        "красное яблоко на синем фоне",
        "рисунок ребёнка",
        "мальчик-с-пальчик",
        "sextet of musicians",
        "8 лет спустя",
        "Спермацетовая свеча",
    ] {
        assert_eq!(refused(text), None, "{text}");
    }
}

#[test]
fn spellings_that_are_meant_to_slip_through_do_not() {
    for text in [
        "пoрнo",
        "п0рно",
        "ceкc",
        "сеееекс",
        "с е к с",
        "п.о.р.н.о",
        "p0rn",
        "p o r n",
        "s3x",
        "pоrn",
        "$ex",
        "pórn",
        "ｐｏｒｎ",
        "по\u{ad}рно",
        "по\u{200b}рно",
        "се\u{301}кс",
        "ПоРнО",
        "sеx",
        "porrrrn",
    ] {
        assert_eq!(refused(text), Some(Kind::Sexual), "{text}");
    }
}

#[test]
fn texts_of_one_wish_are_read_together() {
    let moderator = moderator(Strictness::On);
    assert_eq!(moderator.check(["school uniform", "a child"]), None);
    assert_eq!(moderator.check(["erotic photo", "a child"]), Some(Kind::Minors));
}

#[test]
fn strict_refuses_more_and_off_nothing() {
    for text in ["красавица в бикини", "a bloody knife", "гитлер", "nude art", "обнажённая натура"]
    {
        assert_eq!(refused(text), None, "{text}");
        assert!(moderator(Strictness::Strict).check([text]).is_some(), "{text}");
    }
    assert_eq!(moderator(Strictness::Strict).check(["кровавая луна", "bloody mary"]), None);
    assert_eq!(moderator(Strictness::Off).check(["порно", "child porn"]), None);
}

#[test]
fn sexual_content_about_minors_is_refused_at_both_levels() {
    for strictness in [Strictness::On, Strictness::Strict] {
        assert_eq!(moderator(strictness).check(["naked child"]), Some(Kind::Minors));
    }
}

fn with_file(content: &str) -> Result<Moderator, WordsError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    Moderator::new(Strictness::On, Some(file.path()))
}

#[test]
fn a_file_of_ones_own_adds_words_or_takes_the_place_of_all() {
    let added = with_file("[gore]\non = [\"клоун*\"]\n").unwrap();
    assert_eq!(added.check(["злой клоун"]), Some(Kind::Gore));
    assert_eq!(added.check(["порно"]), Some(Kind::Sexual));
    let replaced = with_file("replace = true\n[hate]\non = [\"клоун*\"]\n").unwrap();
    assert_eq!(replaced.check(["клоуны"]), Some(Kind::Hate));
    assert_eq!(replaced.check(["порно"]), None);
}

#[test]
fn a_file_that_can_not_be_used_is_named_with_the_reason() {
    for (content, words) in [
        ("[gore]\nonn = []\n", "onn"),
        ("[gore]\non = [\"a{x}\"]\n", "endings"),
        ("[gore]\non = [\"a{x\"]\n", "brace"),
        ("[gore]\non = [\"a-b\"]\n", "one word"),
        ("[gore]\non = [\" \"]\n", "empty"),
        ("[gore]\nnear = [[\"one\", \"other\"]]\n", "no group"),
    ] {
        let error = with_file(content).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("/"), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
    let error = Moderator::new(Strictness::On, Some(Path::new("/nowhere/words.toml"))).unwrap_err().to_string();
    assert!(error.contains("/nowhere/words.toml"), "{error}");
}
