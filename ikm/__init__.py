"""The index of public satisfaction: its rules, its messages, its server."""

__version__ = "0.1.0"
