"""The screens of the staff as a pure machine: what they show, what can happen on them, what is then to be done.

It stands beside the interview: `kiosk.staff` performs the effects, `kiosk.screens.staff` draws the view.
"""

from kiosk.admin.update import opened, update
from kiosk.admin.view import view

__all__ = ["opened", "update", "view"]
