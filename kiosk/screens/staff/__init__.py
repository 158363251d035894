"""The screen of the staff: one widget that lays out whatever page `kiosk.admin.view` describes."""

from kiosk.screens.staff.staff import StaffScreen

__all__ = ["StaffScreen"]
