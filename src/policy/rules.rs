//! The rules that stand in the settings.

use std::time::Duration;

use crate::config::{KeyMakers, OwnerArgs};
use crate::jobs::{Requester, Retention};
use crate::limits::Limits;
use crate::moderation::{Kind, Moderator, WordsError};
use crate::recipe::Recipe;

/// The rules of the house. The default has none: everybody may ask for anything, and everything is kept.
#[derive(Debug, Default)]
pub struct Policy {
    /// Users who may do everything.
    pub admins: Vec<i64>,
    /// Users and chats that are served; empty: all.
    pub allow: Vec<i64>,
    /// The bot's name and descriptions stay as they are.
    pub keep_profile: bool,
    /// Who makes keys of the HTTP API in the chat.
    pub key_makers: KeyMakers,
    /// How much one user and one chat may ask for.
    pub limits: Limits,
    /// What is not drawn.
    pub moderator: Moderator,
    /// How long pictures are kept.
    pub retention: Retention,
}

impl Policy {
    /// The rules that the settings speak of.
    ///
    /// # Errors
    /// [`WordsError`] if the list of words can not be used.
    pub fn new(args: &OwnerArgs) -> Result<Self, WordsError> {
        let kept = |count: u32, unit: u64| (count > 0).then(|| Duration::from_secs(u64::from(count) * unit));
        Ok(Self {
            admins: args.admins.0.clone(),
            allow: args.allow.0.clone(),
            keep_profile: args.keep_profile,
            key_makers: args.api,
            limits: Limits {
                waiting: args.limit_waiting,
                hour: args.limit_hour,
                day: args.limit_day,
                chat_hour: args.limit_chat_hour,
            },
            moderator: Moderator::new(args.moderation, args.moderation_words.as_deref())?,
            retention: Retention {
                inputs: kept(args.keep_inputs_hours, 3600),
                results: kept(args.keep_results_days, 24 * 3600),
                disk: (args.disk_limit_mb > 0).then_some(args.disk_limit_mb * 1_000_000),
            },
        })
    }

    /// Whether this user may do everything. Only people may: whoever writes in the name of a chat can be anybody there.
    #[must_use]
    pub fn is_admin(&self, user: Requester) -> bool {
        user.0 > 0 && self.admins.contains(&user.0)
    }

    /// Whether this user may have keys of the HTTP API. Only people may.
    #[must_use]
    pub fn may_have_keys(&self, user: Requester) -> bool {
        match self.key_makers {
            KeyMakers::Off => false,
            KeyMakers::Admins => self.is_admin(user),
            KeyMakers::Everyone => user.0 > 0 && (self.is_admin(user) || self.allows(user, user.0)),
        }
    }

    /// What a recipe is about that is not drawn: as it was written, or in the English by which it is drawn.
    #[must_use]
    pub fn refuses(&self, recipe: &Recipe) -> Option<Kind> {
        let check = |recipe: &Recipe| self.moderator.check(recipe.task.texts());
        check(recipe).or_else(|| check(&recipe.read_by_prior()).filter(|_| !recipe.translation.is_empty()))
    }

    /// Whether the list of those who are served has this user or this chat; without a list all are served.
    #[must_use]
    pub fn allows(&self, user: Requester, chat_id: i64) -> bool {
        self.allow.is_empty() || self.allow.contains(&user.0) || self.allow.contains(&chat_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moderation::Strictness;
    use crate::recipe::Translation;

    #[test]
    fn a_recipe_is_refused_for_what_was_written_and_for_its_english_text() {
        let moderator = Moderator::new(Strictness::On, None).unwrap();
        let policy = Policy { moderator, ..Policy::default() };
        let refused = |written: &str, english: &str, only_for_prior| {
            let texts = [(written.to_owned(), english.to_owned())].into();
            let recipe = Recipe::text_to_image(written, 1).unwrap();
            policy.refuses(&recipe.with_translation(Translation { texts, only_for_prior }))
        };
        assert_eq!(refused("кот", "a cat", false), None);
        assert_eq!(refused("порно", "a cat", false), Some(Kind::Sexual));
        for only_for_prior in [false, true] {
            assert_eq!(refused("кот", "porn", only_for_prior), Some(Kind::Sexual));
        }
    }

    #[test]
    fn keys_are_for_people_whom_the_owner_means() {
        let may = |key_makers, user| {
            let policy = Policy { admins: vec![1], allow: vec![1, 2, -5], key_makers, ..Policy::default() };
            policy.may_have_keys(Requester(user))
        };
        assert!(!may(KeyMakers::Off, 1));
        assert!(may(KeyMakers::Admins, 1) && !may(KeyMakers::Admins, 2));
        assert!(may(KeyMakers::Everyone, 1) && may(KeyMakers::Everyone, 2));
        assert!(!may(KeyMakers::Everyone, 3) && !may(KeyMakers::Everyone, -5));
    }

    #[test]
    fn a_chat_is_no_admin() {
        let policy = Policy { admins: vec![1, -5], ..Policy::default() };
        assert!(policy.is_admin(Requester(1)) && !policy.is_admin(Requester(-5)));
    }

    #[test]
    fn a_list_of_the_allowed_shuts_the_others_out() {
        let open = Policy::default();
        assert!(open.allows(Requester(1), 1));
        let shut = Policy { allow: vec![1, -5], ..Policy::default() };
        assert!(shut.allows(Requester(1), -6) && shut.allows(Requester(2), -5));
        assert!(!shut.allows(Requester(2), 2));
    }
}
