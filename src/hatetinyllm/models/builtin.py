"""The decoder inside the built-in bundle, as a beginning for tuning. Its readout is left behind: a fresh one learns."""

from hatetinyllm.builtin.place import BUILTIN, bundle_folder
from hatetinyllm.bundle import read_bundle
from hatetinyllm.models.hub import empty_net, read_configuration, read_model
from hatetinyllm.models.model import Model
from hatetinyllm.models.readout import Readout


def load(n_labels: int) -> Model:
    """The decoder in 32-bit floats with a fresh readout of so many labels; an adapter over it names it by its word."""
    folder = read_bundle(bundle_folder(BUILTIN)).folder
    return read_model(folder, n_labels, source=BUILTIN, revision=None)


def check() -> None:
    """Refuse it where the installation has none."""
    bundle_folder(BUILTIN)


def outline(n_labels: int) -> Readout:
    """The same net on the meta device."""
    return empty_net(read_configuration(bundle_folder(BUILTIN)), n_labels)
