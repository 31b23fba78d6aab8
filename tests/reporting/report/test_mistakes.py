"""Mistakes are ids, and texts only where they were given; then they are masked."""

from dataclasses import replace

from hatetinyllm.reporting.report.mistakes import masked, mistaken_ids, mistakes_of


def test_without_texts_there_is_no_word_of_the_data(subject, see) -> None:
    said = see(mistakes_of(subject)).said
    assert "--embed-text" in said
    assert "harbour" not in said
    assert "gardeners ruin" not in said


def test_texts_are_masked_until_they_are_opened_without_a_script(subject, texts, see) -> None:
    page = see(mistakes_of(replace(subject, texts=texts)))
    closed = [attributes for tag, attributes in page.tags if tag == "details"]
    assert closed
    assert not [attributes for attributes in closed if "open" in attributes]
    assert "h······ w··· a····" in page.said
    assert "harbour wall again" in page.said


def test_a_long_mask_is_cut(subject, texts, see) -> None:
    long = dict.fromkeys(texts, "harbour " * 60)
    page = see(mistakes_of(replace(subject, texts=long)))
    assert max(len(said) for said in page.texts if "h······" in said) == 100


def test_the_surest_mistakes_come_first(subject) -> None:
    rows = subject.judgement.rows
    scores = dict(zip(rows.ids, zip(rows.truth.tolist(), rows.scores.tolist(), strict=True), strict=True))
    ids = mistaken_ids(subject, 100)
    alarms = [scores[id] for id in ids if scores[id][0] == 0]
    misses = [scores[id] for id in ids if scores[id][0] == 1]
    assert alarms == sorted(alarms, key=lambda pair: -pair[1])
    assert misses == sorted(misses, key=lambda pair: pair[1])
    assert all(score >= 0.5 for _, score in alarms)
    assert all(score < 0.5 for _, score in misses)


def test_the_folder_is_quoted_in_the_command(subject) -> None:
    assert "report &#x27;a folder&#x27; --embed-text" in mistakes_of(replace(subject, folder="a folder"))


def test_no_rows_and_no_mistakes(subject, bare) -> None:
    assert mistakes_of(bare) == ""
    assert mistaken_ids(bare, 3) == []
    rows = subject.judgement.rows
    right = replace(subject, judgement=replace(subject.judgement, rows=rows.scored(rows.truth.astype(float))))
    assert "There are none." in mistakes_of(right)


def test_a_mask_hides_short_and_foreign_words_whole() -> None:
    assert masked("a word, élan!") == "· w···, ····!"
