"""
The learning rate of a pretraining: up, level, and down to nothing at its end, whether that is told in steps or in time.

By time nobody knows how many steps there will be, so the rate stays level until but a share of the time is left; then as
many steps as that share is worth lead down. So it ends well whether the machine was fast or slow.
"""

from dataclasses import dataclass, replace

from hatetinyllm.training.checkpoint import Place


@dataclass(frozen=True, kw_only=True)
class Reached(Place):
    """Where a pretraining stands; `steps` are those of the whole run, 0 while time alone decides."""

    seconds: float = 0.0  # of learning, over all sittings
    steps: int = 0


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What was asked for: so many steps, or so many seconds."""

    steps: int
    budget_s: float
    learning_rate: float
    warmup_share: float
    decay_share: float

    def planned(self, place: Reached) -> Reached:
        """The place with the steps of the whole run, once they are known."""
        if place.steps:
            return place
        if self.steps:
            return replace(place, steps=self.steps)
        if place.step and place.seconds >= self.budget_s * (1 - self.decay_share):
            return replace(place, steps=max(place.step + 1, round(place.step / max(1e-9, 1 - self.decay_share))))
        return place

    def expected(self, place: Reached) -> int:
        """How many steps there will be, as far as can be told."""
        if place.steps:
            return place.steps
        if not place.step:
            return 1
        return max(place.step + 1, round(place.step * self.budget_s / max(place.seconds, 1e-9)))

    def rate(self, place: Reached) -> float:
        """The learning rate of the step that comes."""
        done = place.step / self.expected(place) if place.steps else place.seconds / self.budget_s
        rate = self.learning_rate
        if self.warmup_share and done < self.warmup_share:
            rate *= max(done, 1 / (place.steps or 1000)) / self.warmup_share
        if place.steps and self.decay_share:
            first = place.steps * (1 - self.decay_share)
            rate *= min(1.0, (place.steps - place.step) / max(1.0, place.steps - first))
        return rate
