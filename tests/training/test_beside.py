"""Other sets teach what the own data does not ask; they judge nothing it judges, and no kin of what judges is learnt."""

import random
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest

from hatetinyllm.data import DATASETS
from hatetinyllm.errors import LicenceError, RecipeError
from hatetinyllm.training import beside
from hatetinyllm.training.beside import join, require_consents, wrong_beside
from hatetinyllm.types import PARTS, Example, Splits

AnswersOf = Callable[[int], dict[str, tuple[str, ...]]]


def sentence(seed: object) -> str:
    chance = random.Random(str(seed))
    return " ".join("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(4, 9))) for _ in range(8))


def rows_of(name: str, count: int, answers: AnswersOf) -> tuple[Example, ...]:
    return tuple(Example(text=sentence(f"{name} {row}"), id=str(row), labels=answers(row)) for row in range(count))


def by_turns(row: int) -> dict[str, tuple[str, ...]]:
    hateful = row % 2 == 0
    return {"hate": ("hate" if hateful else "not_hate",), "target": ("women",) if hateful else ()}


def rude(row: int) -> dict[str, tuple[str, ...]]:
    return {"hate": ("not_hate",), "offence": ("offensive" if row % 10 == 0 else "not_offensive",)}


OWN = Splits(
    name="own",
    train=rows_of("train", 20, by_turns),
    dev=tuple(Example(text=sentence(f"dev {row}"), id=f"dev-{row}", labels=by_turns(row)) for row in range(10)),
    test=tuple(Example(text=sentence(f"test {row}"), id=f"test-{row}", labels=by_turns(row)) for row in range(10)),
    files={"own.csv": "1"},
    licences=("mit",),
)
RUDE = Splits(
    name="rude",
    train=rows_of("rude", 400, rude),
    scheme="offence",
    files={"rude.csv": "2"},
    licences=("cc-by-4.0",),
    notes=("a trap",),
)


@pytest.fixture
def sets(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets of a test's own under their names, with the signature of a dataset that takes no option."""
    held: dict[str, Splits] = {}
    monkeypatch.setattr(beside, "load_dataset", held.__getitem__)

    def put(*splits: Splits) -> None:
        places = {one.name: "hatetinyllm.data.davidson:load" for one in splits}
        held.update({one.name: one for one in splits})
        monkeypatch.setattr(DATASETS, "_places", {**DATASETS.places, **places})

    return put


def of(name: str, rows: Sequence[Example]) -> list[Example]:
    return [row for row in rows if row.id.startswith(f"{name}/")]


def test_without_sets_the_rows_are_the_own(sets: Callable[..., None]) -> None:
    assert join(OWN) is OWN


def test_what_the_own_data_does_not_ask_is_learnt_and_judged(sets: Callable[..., None]) -> None:
    sets(RUDE)
    found = join(OWN, datasets=("rude",))
    assert found.test == OWN.test
    assert found.train[:20] == OWN.train
    assert found.dev[:10] == OWN.dev
    assert (len(of("rude", found.train)), len(of("rude", found.dev))) == (380, 20)
    assert {name for row in of("rude", [*found.train, *found.dev]) for name in row.labels} == {"offence"}
    assert found.licences == ("mit", "cc-by-4.0")
    assert found.files == {"own.csv": "1", "rude.csv": "2"}
    assert "beside rude: 380 rows to train, 20 to dev" in found.notes
    assert "rude: a trap" in found.notes
    assert found.how == "official, beside rude"
    assert join(OWN, datasets=("rude",)) == found
    assert join(OWN, datasets=("rude",), seed=1).dev != found.dev


def test_the_headlines_answer_is_learnt_where_it_is_wanted_and_never_judged(sets: Callable[..., None]) -> None:
    sets(RUDE)
    found = join(OWN, datasets=("rude",), headline=("rude",))
    assert all("hate" in row.labels for row in of("rude", found.train))
    assert {name for row in of("rude", found.dev) for name in row.labels} == {"offence"}
    only = Splits(name="rude", train=rows_of("rude", 30, by_turns), scheme="hate")
    sets(only)
    assert not of("rude", join(OWN, datasets=("rude",), headline=("rude",)).dev), "the own dev part answers all of it"


def test_kin_of_what_judges_are_learnt_by_nobody(sets: Callable[..., None]) -> None:
    near = OWN.test[3].text.upper() + " x"
    copies = [OWN.dev[0].text, near, "what stands alone", "a partner"]
    rows = [Example(text=text, id=str(row), labels=rude(row)) for row, text in enumerate(copies)]
    rows[3] = Example(text=sentence("a partner"), id="3", labels=rude(3), partners=("1",))
    sets(Splits(name="rude", train=tuple(rows), scheme="offence"))
    found = join(OWN, datasets=("rude",))
    assert [row.id for row in of("rude", [*found.train, *found.dev])] == ["rude/2"]
    assert any(
        note.startswith("beside rude: 1 rows to train, 0 to dev; 3 left out, kin of rows that judge") for note in found.notes
    )


def test_kin_of_a_dev_row_do_not_stay_in_train(sets: Callable[..., None]) -> None:
    twins = tuple(Example(text=RUDE.train[row // 2].text, id=str(row), labels=rude(row // 2)) for row in range(400))
    other = Splits(name="other", train=rows_of("rude", 200, rude), scheme="offence")  # the same texts once more
    sets(Splits(name="rude", train=twins, scheme="offence"), other)
    found = join(OWN, datasets=("rude", "other"))
    judged = {row.text for row in found.dev[10:]}
    assert len(of("rude", found.dev)) in range(10, 21)
    assert not judged & {row.text for row in found.train}


def test_a_part_alone_leaves_the_others_unseen_and_their_kin(sets: Callable[..., None]) -> None:
    test = (Example(text=RUDE.train[5].text, id="t", labels=rude(1)),)
    sets(Splits(name="rude", train=RUDE.train, test=test, scheme="offence"))
    whole, part = join(OWN, datasets=("rude",)), join(OWN, datasets=("rude:train",))
    assert "rude/t" in {row.id for row in whole.rows()}
    assert not {"rude/t", "rude/5"} & {row.id for row in part.rows()}


def test_a_sample_is_as_even_as_the_answers_allow(sets: Callable[..., None]) -> None:
    sets(RUDE)
    for most, rare in ((40, 20), (200, 40)):
        found = [row for part in PARTS for row in of("rude", join(OWN, datasets=("rude",), most=most).part(part))]
        assert len(found) == most
        assert sum(row.labels["offence"] == ("offensive",) for row in found) == rare


def test_all_mistakes_are_told() -> None:
    problems = wrong_beside(
        "dynahate",
        datasets=("davidsn", "cat:trian", "dynahate", "table", "edos", "edos:dev"),
        headline=("olid",),
        heads=("hate",),
    )
    for said in (
        "there is no dataset 'davidsn' (did you mean 'davidson'?)",
        "there is no part 'trian' (did you mean 'train'?)",
        "'dynahate' is the recipe's own data",
        "'table' cannot be read by its name alone, it asks for path",
        "names 'edos' 2 times",
        "names 'olid', which is not among beside.datasets",
    ):
        assert [problem for problem in problems if said in problem], said


def test_a_set_that_answers_no_head_is_told_of() -> None:
    (problem,) = wrong_beside("dynahate", datasets=("stormfront",), headline=(), heads=("hate", "toxicity"))
    assert "'stormfront' answers nothing but the headline, and heads.heads asks for hate, toxicity" in problem
    assert not wrong_beside("dynahate", datasets=("stormfront",), headline=("stormfront",), heads=("hate", "toxicity"))
    assert not wrong_beside("dynahate", datasets=("cat",), headline=(), heads=("hate", "toxicity"))


def test_consent_is_asked_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "card_of", lambda name: SimpleNamespace(name=name, licence="research", source="x"))
    with pytest.raises(LicenceError, match="olid is under"):
        require_consents(("olid:train",))
    monkeypatch.setenv("HATETINYLLM_ACCEPT", "olid")
    require_consents(("olid:train",))


def test_a_set_that_cannot_be_is_no_rows(sets: Callable[..., None]) -> None:
    with pytest.raises(RecipeError, match="no other sets can be learnt"):
        join(OWN, datasets=("nothing",))
