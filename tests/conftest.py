"""What every test may ask for; what a test needs decides its marks, so `make check` can leave the heavy ones out."""

import pytest

NEEDS = {"postgres_url": "postgres", "page": "browser", "display": "window"}
"""Fixture -> mark: a test that asks for the one gets the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture, mark in NEEDS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)
