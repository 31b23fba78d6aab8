"""
The bundle: the folder in which training and inference meet. What is served is exactly what was saved.

    manifest.json              what it is, how it was made, how it decides, what it was measured at
    tokenizer.json             the encoding, pure data
    config.json                the decoder's shape
    model.safetensors          a standalone bundle: all weights          (plain Hugging Face layout)
    adapter_model.safetensors  an adapter bundle: what was trained, over a named base     (PEFT layout)
    adapter_config.json
    graph.onnx                 of a standalone bundle, if it was exported: how its weights answer, for engines without torch
    SHA256SUMS                 the digest of every file above

A bundle never names a module and holds no pickle, no code and no training text: opening a stranger's bundle runs
nothing of theirs. `format` counts the changes of this page; the formats before the newest are still read.
"""

import json
import platform
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from hatetinyllm.errors import BundleError, did_you_mean
from hatetinyllm.folder import SUMS, FolderError, check_sums, digest_of, written_whole
from hatetinyllm.plain import plain
from hatetinyllm.typed import TypedError, build
from hatetinyllm.types import PARTS, TOLD_APART, Band, Choice, Curve, Head, ModeRecord, Result
from hatetinyllm.version import __version__

FORMAT = 3
MANIFEST, TOKENIZER, SHAPE = "manifest.json", "tokenizer.json", "config.json"
GRAPH = "graph.onnx"
WEIGHTS = {"standalone": "model.safetensors", "adapter": "adapter_model.safetensors"}


def _with_prompt(content: dict[str, Any]) -> dict[str, Any]:
    """Since format 2 the text settings have a prompt; before, every text was read without one."""
    text = content.get("text")
    return {**content, "text": {"prompt": "", **text}} if isinstance(text, dict) else content


def _temperature_by_head(content: dict[str, Any]) -> dict[str, Any]:
    """Since format 3 each head has a temperature of its own; before, one stood for all."""
    kept = {key: value for key, value in content.items() if key != "temperature"}
    heads = content.get("heads")
    if content.get("temperature", 1.0) == 1.0 or not isinstance(heads, list):
        return kept
    names = [head["name"] for head in heads if isinstance(head, dict) and isinstance(head.get("name"), str)]
    return {**kept, "temperatures": dict.fromkeys(names, content["temperature"])}


# format -> how a manifest of it becomes one of the next format
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _with_prompt, 2: _temperature_by_head}


@dataclass(frozen=True, kw_only=True)
class Base:
    """The model an adapter bundle stands on: where it is, which revision, and the digest of its weights."""

    source: str
    sha256: str  # of its weights and its configuration
    revision: str | None = None
    licence: str = ""  # as its own card states it


@dataclass(frozen=True, kw_only=True)
class DataRecord:
    """What a bundle says of the data it learnt from: names, numbers and digests, never a text."""

    name: str
    how: str
    digest: str  # of all rows: ids, texts and labels, part by part
    rows: Mapping[str, int]  # part -> rows
    files: Mapping[str, str]  # path -> sha256
    licences: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The rows that a bundle's scores and modes were fitted on, how to read them again, and what came of the scores."""

    method: Literal["temperature", "isotonic", "none"]
    name: str  # of the dataset
    part: str
    how: str  # the split, in words
    digest: str  # of all rows of the part: ids, texts and labels
    asked: Mapping[str, Any]  # the sections of a recipe that give these rows again
    files: Mapping[str, str]  # path -> sha256
    rows: int  # with a label and something to read, none of them learnt from
    positives: int
    negatives: int
    independent: int  # negatives, one of each group of kin
    kin: str  # what made rows kin
    seed: int  # of which row of its kin is taken
    candidates: int  # versions of the weights these rows chose among: 1 where they had no part in training
    before: Mapping[str, float]  # figures of the scores of this method's temperature 1, without a curve
    after: Mapping[str, float]
    bundle: str  # the identity of the bundle that was calibrated
    notes: tuple[str, ...] = ()
    made_at: str = ""

    def __post_init__(self) -> None:
        if self.part not in PARTS:
            raise ValueError(f"there is no part {self.part!r} ({did_you_mean(self.part, PARTS)})")


@dataclass(frozen=True, kw_only=True)
class HeadRecord:
    """How the scores of a head beside the headline are read: its modes, its curve, and the rows that both were fitted on."""

    bands: Mapping[str, Band]
    modes: Mapping[str, ModeRecord]
    calibration: Calibration
    curve: Curve | None = None

    def __post_init__(self) -> None:
        if "best-guess" not in self.bands or self.modes.keys() - self.bands.keys():
            raise ValueError("a head's record needs the mode best-guess, and a band for every mode")


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All that a bundle says of itself."""

    form: Literal["standalone", "adapter"]
    heads: tuple[Head, ...]  # the headline first
    bands: Mapping[str, Band]  # mode -> thresholds of the headline
    text: Mapping[str, Any]  # TextSettings, the normaliser's version among them
    model: Choice
    tuning: Choice
    base: Base | None = None
    base_licence: str = ""  # of the model the weights began from, merged or not, as its card states it
    temperatures: Mapping[str, float] = field(default_factory=dict)  # head -> what its logits are divided by, 1 if not named
    curve: Curve | None = None  # of the headline's scores, after the windows of a text are one answer
    modes: Mapping[str, ModeRecord] = field(default_factory=dict)  # how bands were chosen, where a calibration chose them
    calibration: Calibration | None = None
    beside: Mapping[str, HeadRecord] = field(default_factory=dict)  # head -> the same of it, where it has two labels
    data: DataRecord | None = None
    recipe: str = ""  # the resolved recipe, in TOML
    results: tuple[Result, ...] = ()
    languages: tuple[str, ...] = ()  # that it is for: a text in another gets no score; empty for any
    made_with: Mapping[str, str] = field(default_factory=dict)
    made_at: str = ""

    def __post_init__(self) -> None:
        if (self.form == "adapter") != (self.base is not None):
            raise ValueError("an adapter bundle names its base, a standalone one has none")
        if not self.heads or not self.heads[0].binary or "best-guess" not in self.bands:
            raise ValueError("a manifest needs a headline of two labels, and the mode best-guess")
        if len({head.name for head in self.heads}) < len(self.heads):
            raise ValueError("a head stands twice")
        if strange := self.temperatures.keys() - {head.name for head in self.heads}:
            raise ValueError(f"there is a temperature for {', '.join(sorted(strange))}, which is no head")
        if strange := self.modes.keys() - self.bands.keys():
            raise ValueError(f"there is a record of {', '.join(sorted(strange))}, which has no band")
        if strange := self.beside.keys() - {head.name for head in self.heads[1:] if head.binary and head.positive}:
            raise ValueError(
                f"there is a record of {', '.join(sorted(strange))}, which is no head of two labels beside the first"
            )
        if unknown := [language for language in self.languages if language not in TOLD_APART]:
            raise ValueError(f"no text can be found not to be in {unknown[0]!r} ({did_you_mean(unknown[0], TOLD_APART)})")
        for language in self.languages:
            if language not in TOLD_APART:
                raise ValueError(f"no text can be found not to be in {language!r} ({did_you_mean(language, TOLD_APART)})")
        for temperature in self.temperatures.values():
            if not 0.01 <= temperature <= 100:
                raise ValueError(f"a temperature lies from 0.01 to 100, got {temperature}")


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A checked bundle: its folder, its manifest, its identity (the digest of all its digests), and the files it lists."""

    folder: Path
    manifest: Manifest
    identity: str
    files: frozenset[str] = frozenset()  # what else lies in the folder is never read

    @property
    def weights(self) -> Path:
        """The file of weights."""
        return self.folder / WEIGHTS[self.manifest.form]


def write_bundle(folder: Path, manifest: Manifest, put_files: Callable[[Path], None]) -> Bundle:
    """Write a bundle whole: `put_files` fills a temporary folder, which then takes its name in one step."""
    with written_whole(folder) as temporary:
        put_files(temporary)
        stamped = {
            "format": FORMAT,
            **plain(manifest),
            "made_at": manifest.made_at or datetime.now(UTC).isoformat(timespec="seconds"),
        }
        text = json.dumps(stamped, indent=2, ensure_ascii=False, sort_keys=True)
        (temporary / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")
        missing = [name for name in _needed(manifest.form) if not (temporary / name).is_file()]
        assert not missing, f"the writer of the bundle forgot {missing}"
    return read_bundle(folder)


def write_again(bundle: Bundle, folder: Path, manifest: Manifest) -> Bundle:
    """The same weights under another manifest, in another folder or in place of the old; what is not listed stays behind."""
    listed = _listed(bundle.folder)

    def copy_files(temporary: Path) -> None:
        for name in listed.keys() - {MANIFEST}:
            (temporary / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(bundle.folder / name, temporary / name)

    return write_bundle(folder, manifest, copy_files)


def read_bundle(folder: Path) -> Bundle:
    """Check every digest, then read the manifest. A bundle that is damaged, foreign or too new is refused."""
    if not folder.is_dir():
        raise BundleError(f"there is no bundle {str(folder)!r}" + _nearest_folder(folder))
    if not (folder / MANIFEST).is_file():
        raise BundleError(f"{str(folder)!r} is no bundle: it has no {MANIFEST}" + _bundle_within(folder))
    listed = _listed(folder)
    manifest = _manifest(folder, _upgraded(folder, _json(folder / MANIFEST)))
    if missing := [name for name in (MANIFEST, *_needed(manifest.form)) if name not in listed]:
        raise BundleError(f"{folder}: {SUMS} does not list {', '.join(missing)}")
    return Bundle(folder=folder, manifest=manifest, identity=f"sha256:{digest_of(folder / SUMS)}", files=frozenset(listed))


def name_of(folder: Path) -> str:
    """What people call a bundle: its run, or its own folder."""
    whole = folder.resolve()
    return whole.parent.name if whole.name == "bundle" else whole.name


def made_with(**versions: str) -> dict[str, str]:
    """The versions a bundle is stamped with: ours, Python's, and those of the libraries that made it."""
    return {"hatetinyllm": __version__, "python": platform.python_version(), **versions}


def _listed(folder: Path) -> dict[str, str]:
    """The files of a bundle and their digests, each checked."""
    try:
        return check_sums(folder)
    except FolderError as error:
        raise BundleError(f"bundle {error.message}", error.problems) from error


def _needed(form: str) -> tuple[str, ...]:
    return (TOKENIZER, SHAPE, WEIGHTS[form])


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise BundleError(f"{path} must hold an object, it holds {type(content).__name__}")
    return content


def _upgraded(folder: Path, content: dict[str, Any]) -> dict[str, Any]:
    """The manifest in the newest format."""
    format = content.pop("format", None)
    if not isinstance(format, int):
        raise BundleError(f"{folder}: the manifest's format is {format!r}, expected a whole number")
    if format > FORMAT:
        raise BundleError(f"{folder} has format {format}, this version reads up to {FORMAT}: upgrade hatetinyllm")
    while format < FORMAT:
        if format not in UPGRADES:
            raise BundleError(f"{folder} has format {format}, this version reads {min([FORMAT, *UPGRADES])} to {FORMAT}")
        content = UPGRADES[format](content)
        format += 1
    return content


def _manifest(folder: Path, content: dict[str, Any]) -> Manifest:
    """A manifest from its JSON; a key too many or too few, or a value of the wrong kind, is told by name."""
    try:
        return build(Manifest, content, "manifest")
    except TypedError as error:
        raise BundleError(f"{folder}: the manifest cannot be read", error.problems) from error


def _nearest_folder(folder: Path) -> str:
    while not folder.parent.is_dir() and folder.parent != folder:
        folder = folder.parent  # the first word that is wrong is the one to mend
    beside = [path.name for path in folder.parent.iterdir() if path.is_dir()]
    return f" ({did_you_mean(folder.name, beside)})" if beside else ""


def _bundle_within(folder: Path) -> str:
    """A run folder holds its bundle one step down: say so."""
    inner = folder / "bundle"
    return f" (did you mean {str(inner)!r}?)" if (inner / MANIFEST).is_file() else ""
