//! Keys of the HTTP API.

use super::prelude::*;

fn new(name: &str, secret: &str) -> NewApiKey {
    NewApiKey { user: None, name: name.to_owned(), hash: hash_key(secret), hour: Some(3), day: None }
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

pub(super) async fn keys_of_users_have_names_of_their_own_and_go_with_their_user(fixture: Fixture) {
    let of = |user, secret| NewApiKey { user, ..new("a", secret) };
    let (anna, boris) = (Some(7), Some(8));
    for (user, secret) in [(None, "1"), (anna, "2"), (boris, "3")] {
        assert_eq!(fixture.store.add_key(&of(user, secret)).await.unwrap().unwrap().user, user);
    }
    assert_eq!(fixture.store.add_key(&of(anna, "4")).await.unwrap(), None);
    let of_anna = fixture.store.keys_of(7).await.unwrap();
    assert_eq!((of_anna.len(), of_anna[0].requester()), (1, Requester(7)));
    assert_eq!(fixture.store.remove_key_of(8, of_anna[0].id).await.unwrap(), None, "it is Anna's");
    assert_eq!(fixture.store.remove_key_of(7, of_anna[0].id).await.unwrap().as_deref(), Some("a"));
    assert!(fixture.store.remove_key("a").await.unwrap() && !fixture.store.remove_key("a").await.unwrap());
    fixture.store.forget(Requester(8), false).await.unwrap();
    assert!(fixture.store.keys().await.unwrap().is_empty(), "who is forgotten has no key any more");
}
