"""The stacks of all threads on the error output, for whoever wants to know where a kiosk hangs or died.

From the interpreter's C code: it answers where no Python runs any more, in a library that waits for the display say.
"""

import faulthandler
import signal
import sys


def tell_stacks() -> None:
    """Have them told on SIGUSR1, which disturbs nothing else, and before a fatal signal ends the process."""
    try:
        sys.stderr.fileno()
    except (AttributeError, OSError):
        # an error output that is no file of the system has no place for them
        return
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)
