"""Licences of what goes in, and the effective licence of what comes out: the union of all that must be kept."""

from collections.abc import Iterable
from dataclasses import dataclass

from hatetinyllm.errors import UnknownName, did_you_mean


@dataclass(frozen=True, kw_only=True)
class Licence:
    """What a licence asks of somebody who trains on, or passes on, the thing it covers."""

    id: str
    name: str
    url: str
    commercial: bool = True
    attribution: bool = True
    share_alike: bool = False
    stated: bool = True  # False: the source states none, and asks for a citation at most


UNRECORDED = "unrecorded"  # of data that nobody named, as of an adapter that was made elsewhere
LICENCES = {
    licence.id: licence
    for licence in (
        Licence(id="apache-2.0", name="Apache License 2.0", url="https://www.apache.org/licenses/LICENSE-2.0"),
        Licence(id="mit", name="MIT License", url="https://opensource.org/license/mit"),
        Licence(id="cc0-1.0", name="CC0 1.0", url="https://creativecommons.org/publicdomain/zero/1.0/", attribution=False),
        Licence(id="cc-by-4.0", name="CC BY 4.0", url="https://creativecommons.org/licenses/by/4.0/"),
        Licence(id="cc-by-sa-3.0", name="CC BY-SA 3.0", url="https://creativecommons.org/licenses/by-sa/3.0/", share_alike=True),
        Licence(id="cc-by-sa-4.0", name="CC BY-SA 4.0", url="https://creativecommons.org/licenses/by-sa/4.0/", share_alike=True),
        Licence(
            id="public-domain",
            name="public domain",
            url="https://creativecommons.org/publicdomain/mark/1.0/",
            attribution=False,
        ),
        Licence(id="cc-by-nc-4.0", name="CC BY-NC 4.0", url="https://creativecommons.org/licenses/by-nc/4.0/", commercial=False),
        Licence(
            id="cc-by-nc-sa-4.0",
            name="CC BY-NC-SA 4.0",
            url="https://creativecommons.org/licenses/by-nc-sa/4.0/",
            commercial=False,
            share_alike=True,
        ),
        Licence(
            id="opt-175b",
            name="OPT-175B License Agreement",
            url="https://github.com/facebookresearch/metaseq/blob/main/projects/OPT/MODEL_LICENSE.md",
            commercial=False,
        ),
        Licence(id="llama3.2", name="Llama 3.2 Community License", url="https://www.llama.com/llama3_2/license/"),
        Licence(id="gemma", name="Gemma Terms of Use", url="https://ai.google.dev/gemma/terms"),
        Licence(id="research", name="research use, on the organisers' terms", url="", commercial=False),
        Licence(id="citation", name="none stated; free to use with citation", url="", stated=False),
        Licence(id=UNRECORDED, name="not recorded", url="", attribution=False, stated=False),
        Licence(id="own", name="the user's own data", url="", attribution=False, stated=False),
    )
}


def licence(id: str) -> Licence:
    """A licence by its id."""
    if id not in LICENCES:
        raise UnknownName(f"there is no licence {id!r} ({did_you_mean(id, LICENCES)})")
    return LICENCES[id]


@dataclass(frozen=True, kw_only=True)
class Effective:
    """What the owner of a trained bundle must keep to, by licence id."""

    licences: tuple[str, ...]
    commercial: bool | None  # None: some part does not say
    attribution: tuple[str, ...]
    share_alike: tuple[str, ...]
    unstated: tuple[str, ...]
    unknown: tuple[str, ...] = ()  # what base models say of their licence, where that is none known here, or none at all


def effective_licence(ids: Iterable[str], bases: Iterable[str] = ()) -> Effective:
    """
    The strictest reading of all licences together: one non-commercial part makes the whole non-commercial.

    `bases` are the words in which base models state theirs: an id that is known here, or anything else.
    """
    said = set(bases)
    unknown = tuple(sorted(said - set(LICENCES)))
    held = [licence(id) for id in sorted({*ids, *said} - set(unknown))]
    return Effective(
        licences=tuple(one.id for one in held),
        commercial=_commercial(held, unknown=bool(unknown)),
        attribution=tuple(one.id for one in held if one.attribution),
        share_alike=tuple(one.id for one in held if one.share_alike),
        unstated=tuple(one.id for one in held if not one.stated),
        unknown=unknown,
    )


def _commercial(held: Iterable[Licence], *, unknown: bool) -> bool | None:
    """No where any part says no; not known where any says nothing, unless it is the user's own data."""
    parts = list(held)
    if not all(one.commercial for one in parts):
        return False
    silent = any(not one.stated and one.id != "own" for one in parts)
    return None if silent or unknown else True


def _commerce(effective: Effective) -> str:
    allowed = "whether commercial use is allowed is not"
    return {True: "commercial use is allowed", False: "no commercial use", None: f"{allowed} stated"}[effective.commercial]


def say_effective(ids: Iterable[str], bases: Iterable[str] = ()) -> str:
    """The effective licence in one sentence for people; `bases` as in effective_licence."""
    effective = effective_licence(ids, bases)
    duties = [_commerce(effective), *(f"the licence of the base model: {said}" for said in effective.unknown)]
    if stated := [id for id in effective.attribution if id not in effective.unstated]:
        duties.append(f"name the sources under {_names(stated)}")
    if any(id in effective.unstated for id in effective.attribution):
        duties.append("cite the sources that state no licence")
    if len(effective.share_alike) > 1:
        duties.append(
            f"{_names(effective.share_alike)} each ask to be passed on under their own terms, which may contradict each other"
        )
    elif effective.share_alike:
        duties.append(f"pass it on under the terms of {_names(effective.share_alike)}")
    if UNRECORDED in effective.licences:
        duties.append("what it learnt from is not recorded")
    if "own" in effective.licences:
        duties.append("what your own data asks is for you to say")
    return "; ".join(duties) if effective.licences or effective.unknown else "no licence is recorded"


def _names(ids: Iterable[str]) -> str:
    return ", ".join(LICENCES[id].name for id in ids)
