"""
The texts of judged rows, from the user's own copy of the data: a judgement holds none.

A judgement may be a stranger's and name any file: what is read must have the digest the judgement states, so that nothing
is shown that its maker did not have already. Of its recipe only what gives rows is followed, so no plugin is imported.
"""

from collections.abc import Mapping

from hatetinyllm.data.checks import digest_part
from hatetinyllm.errors import DataError, HateTinyLLMError
from hatetinyllm.evaluation.judgement import Judgement
from hatetinyllm.training.source import read_source, refuse_other_files


def texts_of(judgement: Judgement) -> Mapping[str, str]:
    """The text of each row by its id; data that is gone, or is no longer the same, is an error that says so."""
    judged = judgement.judged
    if not judged.asked:
        raise DataError(f"{judgement.name} does not say how its rows are read")
    try:
        refuse_other_files(judged.asked, judged.files, whose="that was judged")
        splits = read_source(judged.asked)
    except HateTinyLLMError as error:
        raise DataError(f"the texts of {judgement.name} cannot be read: {error.message}", error.problems) from error
    if digest_part(splits, judged.part) != judged.digest:
        raise DataError(f"the rows of {judged.name} {judged.part} are no longer those that {judgement.name} was judged on")
    return {example.id: example.text for example in splits.part(judged.part)}
