//! Keys of the HTTP API.

use super::prelude::*;

fn new(name: &str, secret: &str) -> NewApiKey {
    NewApiKey { name: name.to_owned(), hash: hash_key(secret), hour: Some(3), day: None }
}

pub(super) async fn a_key_opens_until_it_is_removed_and_its_number_is_not_used_again(fixture: Fixture) {
    let secret = new_key();
    let key = fixture.store.add_key(&new("a", &secret)).await.unwrap().unwrap();
    assert_eq!(fixture.store.add_key(&new("a", "other")).await.unwrap(), None, "the name is taken");
    assert_eq!(fixture.store.key_by_hash(&hash_key(&secret)).await.unwrap(), Some(key.clone()));
    assert!(key.is_use_noteworthy() && key.hour == Some(3));
    fixture.store.note_key_use(key.id).await.unwrap();
    let used = fixture.store.key_by_hash(&hash_key(&secret)).await.unwrap().unwrap();
    assert!(!used.is_use_noteworthy(), "once a minute is enough");
    assert!(fixture.store.remove_key("a").await.unwrap() && !fixture.store.remove_key("a").await.unwrap());
    assert_eq!(fixture.store.key_by_hash(&hash_key(&secret)).await.unwrap(), None);
    let next = fixture.store.add_key(&new("a", "other")).await.unwrap().unwrap();
    assert!(next.id > key.id);
}
