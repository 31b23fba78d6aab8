"""What the functions of well-known suites test, in a few words of our own: their names alone are hard to read."""

from collections.abc import Mapping

# HateCheck's, and Multilingual HateCheck's, which are named alike
HATECHECK: Mapping[str, str] = {
    "derog_neg_emote_h": "strong dislike is expressed",
    "derog_neg_attrib_h": "bad qualities are claimed",
    "derog_dehum_h": "people are likened to what is not human",
    "derog_impl_h": "contempt is implied",
    "threat_dir_h": "a threat is made",
    "threat_norm_h": "harm is called for",
    "slur_h": "a slur is used to hurt",
    "slur_homonym_nh": "a word that looks like a slur",
    "slur_reclaimed_nh": "a slur is used of oneself",
    "profanity_h": "hate with swear words",
    "profanity_nh": "swear words without hate",
    "ref_subs_clause_h": "the next clause says who is meant",
    "ref_subs_sent_h": "the next sentence says who is meant",
    "negate_pos_h": "something good is denied",
    "negate_neg_nh": "something hateful is denied",
    "phrase_question_h": "hate as a question",
    "phrase_opinion_h": "hate as an opinion",
    "ident_neutral_nh": "people are named, no more",
    "ident_pos_nh": "people are praised",
    "counter_quote_nh": "hate is quoted to object",
    "counter_ref_nh": "hate is answered",
    "target_obj_nh": "a thing is attacked",
    "target_indiv_nh": "one person is attacked, not for a group",
    "target_group_nh": "a group without protection is attacked",
    "spell_char_swap_h": "letters change places",
    "spell_char_del_h": "letters are missing",
    "spell_space_del_h": "spaces are missing",
    "spell_space_add_h": "spaces within words",
    "spell_leet_h": "digits and signs for letters",
}
