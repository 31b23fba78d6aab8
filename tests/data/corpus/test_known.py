from hatetinyllm.data.corpus.known import BY_DIGEST, KNOWN
from hatetinyllm.data.licence import licence


def test_every_known_text_names_itself_its_source_and_a_licence_that_may_be_passed_on() -> None:
    for name, text in KNOWN.items():
        assert text.name == name
        assert text.upstream
        assert text.file.sha256
        assert all(licence(id).commercial for id in text.licences)
    assert len(BY_DIGEST) == len(KNOWN)
