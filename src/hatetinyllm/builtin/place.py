"""Where the built-in bundle lies, and the word that names it wherever a bundle is named."""

from pathlib import Path

from hatetinyllm.errors import BundleError

BUILTIN = "builtin"
FOLDER = Path(__file__).parent / "bundle"


def bundle_folder(named: str | Path) -> Path:
    """The folder of a bundle that is named by the word or by its place. A folder of that name is meant by ./builtin/."""
    if str(named) != BUILTIN:
        return Path(named)
    if not (FOLDER / "manifest.json").is_file():
        way = "name a bundle of your own: hatetinyllm classify --bundle runs/first/bundle TEXT (hatetinyllm train makes one)"
        raise BundleError("this installation has no built-in model", [way])
    return FOLDER
