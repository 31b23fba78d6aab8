"""Licences of what goes in, and the effective licence of what comes out: the union of all that must be kept."""

from collections.abc import Iterable
from dataclasses import dataclass


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


LICENCES = {
    licence.id: licence
    for licence in (
        Licence(id="apache-2.0", name="Apache License 2.0", url="https://www.apache.org/licenses/LICENSE-2.0"),
        Licence(id="mit", name="MIT License", url="https://opensource.org/license/mit"),
        Licence(id="cc0-1.0", name="CC0 1.0", url="https://creativecommons.org/publicdomain/zero/1.0/", attribution=False),
        Licence(id="cc-by-4.0", name="CC BY 4.0", url="https://creativecommons.org/licenses/by/4.0/"),
        Licence(id="cc-by-sa-3.0", name="CC BY-SA 3.0", url="https://creativecommons.org/licenses/by-sa/3.0/", share_alike=True),
        Licence(id="cc-by-nc-4.0", name="CC BY-NC 4.0", url="https://creativecommons.org/licenses/by-nc/4.0/", commercial=False),
        Licence(
            id="cc-by-nc-sa-4.0",
            name="CC BY-NC-SA 4.0",
            url="https://creativecommons.org/licenses/by-nc-sa/4.0/",
            commercial=False,
            share_alike=True,
        ),
        Licence(id="research", name="research use, on the organisers' terms", url="", commercial=False),
        Licence(id="citation", name="none stated; free to use with citation", url="", stated=False),
        Licence(id="own", name="the user's own data", url="", attribution=False, stated=False),
    )
}


@dataclass(frozen=True, kw_only=True)
class Effective:
    """What the owner of a trained bundle must keep to, and the sentence that says so."""

    commercial: bool
    attribution: tuple[str, ...]
    share_alike: tuple[str, ...]
    unstated: tuple[str, ...]


def effective_licence(ids: Iterable[str]) -> Effective:
    """The strictest reading of all licences together: one non-commercial part makes the whole non-commercial."""
    held = [LICENCES[id] for id in sorted(set(ids))]
    return Effective(
        commercial=all(licence.commercial for licence in held),
        attribution=tuple(licence.id for licence in held if licence.attribution),
        share_alike=tuple(licence.id for licence in held if licence.share_alike),
        unstated=tuple(licence.id for licence in held if not licence.stated),
    )
