"""A detector of any kind is a name, an identity and a way to ask."""

import numpy as np

from hatetinyllm.inference.detectors.answers import Answers, AnyDetector


def test_a_detector_is_made_of_a_plain_function() -> None:
    def ask(texts, told) -> Answers:
        told(len(texts))
        return Answers(scores=np.array([float(len(text) > 3) for text in texts]))

    told: list[int] = []
    detector = AnyDetector(kind="python", name="long", identity="python:long", asked="long", ask=ask)
    assert detector.ask(["a", "abcd"], told.append).scores.tolist() == [0, 1]
    assert told == [2]
    assert (detector.band, detector.mode, detector.learnt_from) == (None, None, None)
