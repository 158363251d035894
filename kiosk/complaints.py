"""What goes wrong again and again, told in the log in one line where it begins and counted from then on."""

import errno
import logging

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def cause_of(error: BaseException) -> str:
    """What the error comes down to, in a few words for the log: what it says of itself, or its name."""
    said = getattr(error, "cause", "")
    if isinstance(error, OSError):
        return "disk full" if error.errno in _FULL else f"{type(error).__name__}: {error.strerror or 'no reason given'}"
    return str(said) or type(error).__name__


class Complaints:
    """Complaints about one thing. Of one thread at a time."""

    def __init__(self, log: logging.Logger, what: str) -> None:
        self._log = log
        self._what = what
        self._cause = ""
        self._count = 0

    def failed(self, error: BaseException) -> None:
        """It failed. The first time its traceback is kept, and then only the tenth, hundredth and so on are told."""
        cause = cause_of(error)
        if cause != self._cause:
            self._end(f"now: {cause}")
            self._cause, self._count = cause, 1
            self._log.error("%s: %s", self._what, cause, exc_info=error)
            return
        self._count += 1
        if self._count == 10 ** (len(str(self._count)) - 1):
            self._log.error("%s: %s, %d times so far", self._what, cause, self._count)

    def succeeded(self) -> None:
        """It went well: what failed before is over."""
        self._end("it is over")
        self._cause, self._count = "", 0

    def _end(self, how: str) -> None:
        if self._count:
            self._log.warning("%s: %s, %d times; %s", self._what, self._cause, self._count, how)
