use super::*;

const TOKEN: &str = "1000000001:AAsecret";
const NOW: u64 = 1_764_360_000;
const USER: &str = r#"{"id":7,"first_name":"Анна & Co","language_code":"ru","is_premium":true}"#;

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW)
}

fn check(text: &str) -> Result<LaunchData, InitDataError> {
    LaunchData::check(text, TOKEN, now())
}

fn signed(fields: &[(&str, &str)]) -> String {
    sign_init_data(fields, TOKEN)
}

fn at(auth_date: u64) -> Result<LaunchData, InitDataError> {
    check(&signed(&[("user", USER), ("auth_date", &auth_date.to_string())]))
}

#[test]
fn whoever_opened_the_app_is_known() {
    let date = NOW.to_string();
    let fields = [("query_id", "AAE"), ("user", USER), ("auth_date", &date), ("start_param", "j12.0")];
    let data = check(&signed(&fields)).unwrap();
    assert_eq!((data.user, data.name.as_str(), data.language_code.as_deref()), (7, "Анна & Co", Some("ru")));
    assert_eq!(data.start_param.as_deref(), Some("j12.0"));
}

#[test]
fn the_fields_come_in_any_order_and_the_hash_anywhere() {
    let date = NOW.to_string();
    let text = signed(&[("user", USER), ("auth_date", &date), ("signature", "ed25519"), ("chat_type", "private")]);
    let mut parts: Vec<&str> = text.split('&').collect();
    for _ in 0..parts.len() {
        parts.rotate_left(1);
        assert!(check(&parts.join("&")).is_ok(), "{parts:?}");
    }
    parts.sort_unstable();
    assert!(check(&parts.join("&")).is_ok());
}

#[test]
fn one_bit_of_anything_is_noticed() {
    let date = NOW.to_string();
    let text = signed(&[("user", USER), ("auth_date", &date), ("signature", "abc")]);
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else { continue };
        // Hexadecimal digits are the same in both cases, and some letters have two spellings in an address.
        let is_same = fields(&changed).is_some_and(|changed| {
            fields(&text).is_some_and(|mut own| {
                let same_hash = changed.get("hash").and_then(|h| hex(h)) == own.get("hash").and_then(|h| hex(h));
                own.insert("hash".to_owned(), changed.get("hash").cloned().unwrap_or_default());
                same_hash && own == changed
            })
        });
        assert!(is_same || check(&changed).is_err(), "{changed}");
    }
    assert_eq!(LaunchData::check(&text, "1000000001:AAother", now()), Err(InitDataError::Forged));
}

#[test]
fn what_no_client_sends_is_refused() {
    let date = NOW.to_string();
    let good = signed(&[("user", USER), ("auth_date", &date)]);
    let without = |name: &str| good.split('&').filter(|part| !part.starts_with(name)).collect::<Vec<_>>().join("&");
    for bad in [
        String::new(),
        "hash=".to_owned(),
        without("hash"),
        without("user"),
        without("auth_date"),
        format!("{good}&user=%7B%22id%22%3A1%7D"),
        format!("{good}&hash=00"),
        format!("{good}&more=1"),
        format!("{good}&{}", "x".repeat(MAX_LENGTH)),
        good.replace("hash=", "hash=%2b"),
        good.replace("hash=", "hash=я"),
    ] {
        assert_eq!(check(&bad), Err(InitDataError::Forged), "{bad}");
    }
}

#[test]
fn old_data_and_data_of_the_future_are_refused() {
    assert!(at(NOW).is_ok() && at(NOW - 3600).is_ok() && at(NOW + 60).is_ok());
    assert_eq!(at(NOW - 3601), Err(InitDataError::Old));
    assert_eq!(at(NOW + 61), Err(InitDataError::Clock));
    assert_eq!(at(u64::MAX), Err(InitDataError::Clock));
    assert_eq!(at(0), Err(InitDataError::Old));
    let text = signed(&[("user", USER), ("auth_date", "-5")]);
    assert_eq!(check(&text), Err(InitDataError::Forged));
}

#[test]
fn somebody_has_to_have_opened_it() {
    let date = NOW.to_string();
    for user in ["{}", "null", r#"{"id":"7"}"#, r#"{"id":0}"#, r#"{"id":-5}"#, r#"{"id":7,"is_bot":true}"#, "["] {
        let text = signed(&[("user", user), ("auth_date", &date)]);
        assert_eq!(check(&text), Err(InitDataError::NoUser), "{user}");
    }
    assert_eq!(check(&signed(&[("auth_date", &date)])), Err(InitDataError::NoUser), "as from the keyboard");
}

/// Data that `@tma.js/init-data-node` 2.0.8 signed, a line each: token, moment, user, data.
#[test]
fn data_that_another_program_signed_is_accepted() {
    let mut count = 0;
    for line in include_str!("golden.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let [token, moment, user, data] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let moment = UNIX_EPOCH + Duration::from_secs(moment.parse().unwrap());
        let launch = LaunchData::check(data, token, moment).unwrap();
        assert_eq!(launch.user.to_string(), user, "{data}");
        assert!(LaunchData::check(data, TOKEN, moment).is_err());
        count += 1;
    }
    assert!(count >= 4);
}
