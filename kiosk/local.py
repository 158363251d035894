"""What the staff of a counter have set on the device itself. The server neither knows nor changes it."""

from dataclasses import dataclass, replace
from datetime import date

from ikm.domain.configuration import Aid

FULL_VOLUME = 10


@dataclass(frozen=True, slots=True)
class Local:
    """Settings of this device; what is empty or None is as the configuration says.

    `service` is the one service this counter serves for now, `language` and `aids` what each citizen starts with,
    `volume` goes from 0 (silent) to `FULL_VOLUME`. In `training` nothing that is answered counts;
    `trained_on` is the local date it was begun on, with which it ends.
    """

    service: str = ""
    language: str = ""
    aids: frozenset[Aid] | None = None
    volume: int = 7
    training: bool = False
    trained_on: date | None = None

    def train(self, today: date | None) -> "Local":
        """These settings with training from that local date on, or without any."""
        return replace(self, training=today is not None, trained_on=today)

    def on(self, today: date) -> "Local":
        """What of these settings is in force on that local date: training that was forgotten ended with its day.

        A date before the first one is a clock that was set back, and ends nothing. Training nobody knows the beginning
        of began today.
        """
        if self.training and self.trained_on is None:
            return self.train(today)
        if self.trained_on is not None and today > self.trained_on:
            return self.train(None)
        return self
