"""What the staff of a counter have set on the device itself. The server neither knows nor changes it."""

from dataclasses import dataclass

from ikm.domain.configuration import Aid

FULL_VOLUME = 10


@dataclass(frozen=True, slots=True)
class Local:
    """Settings of this device; what is empty or None is as the configuration says.

    `service` is the one service this counter serves for now, `language` and `aids` what each citizen starts with,
    `volume` goes from 0 (silent) to `FULL_VOLUME`. In `training` nothing that is answered counts.
    """

    service: str = ""
    language: str = ""
    aids: frozenset[Aid] | None = None
    volume: int = 7
    training: bool = False
