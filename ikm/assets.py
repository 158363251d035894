"""Where the files that are not code lie: in the checkout under assets/, in an installed wheel beside this package."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def asset(name: str) -> Path:
    """The path of an asset, such as 'questionnaires/skm-14-2017-v2.json'.

    Raises:
        FileNotFoundError: There is no such file: the installation is incomplete.
    """
    for folder in (_PACKAGE / "_assets", _PACKAGE.parent / "assets"):
        path = folder / name
        if path.exists():
            return path
    raise FileNotFoundError(f"berkas bawaan tidak ada: {name}")
