"""An adapter's folder and the place of its bundle, looked at before any heavy library is imported."""

from difflib import get_close_matches
from pathlib import Path

from hatetinyllm.bundle import WEIGHTS
from hatetinyllm.errors import ModelError, did_you_mean

CONFIG, PICKLE = "adapter_config.json", "adapter_model.bin"


def check_folders(adapter: Path, out: Path) -> None:
    """Refuse a folder that is not there, or holds no adapter of PEFT, and a place that is taken."""
    if not adapter.is_dir():
        beside = [place.name for place in adapter.parent.iterdir() if place.is_dir()] if adapter.parent.is_dir() else []
        near = f" ({did_you_mean(adapter.name, beside)})" if get_close_matches(adapter.name, beside) else ""
        raise ModelError(f"{str(adapter)!r} is no folder" if adapter.exists() else f"there is no folder {str(adapter)!r}{near}")
    if not (adapter / CONFIG).is_file():
        raise ModelError(f"{str(adapter)!r} is no adapter of PEFT: it has no {CONFIG}")
    if not (adapter / WEIGHTS["adapter"]).is_file():
        held = f"its weights are in {PICKLE}, which can run code when opened" if (adapter / PICKLE).is_file() else "no weights"
        told = ["save it again by PEFT, with safe_serialization=True"] if (adapter / PICKLE).is_file() else []
        raise ModelError(f"{str(adapter)!r} has no {WEIGHTS['adapter']}: {held}", told)
    if out.exists():
        raise ModelError(f"{str(out)!r} is there already", ["name another folder by --out"])
