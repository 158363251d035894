"""`ikm`, also as `python -m ikm.server`: the command line, or one sentence where its libraries are missing."""

import sys

_LIBRARIES = {
    "altair", "argon2", "granian", "jinja2", "litestar", "psycopg", "pyotp", "segno", "typst", "vl_convert",
    "xlsxwriter",
}  # fmt: skip
_LIBRARY_MISSING = 4


def main() -> None:
    """Run the command line; on a machine that was installed as a kiosk, say what is missing."""
    try:
        from ikm.server.cli import app  # noqa: PLC0415 - it imports what may not be there

        app()
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _LIBRARIES:
            raise
        sys.stderr.write(f"Pustaka {missing.name} belum terpasang. Pasang dengan: pip install 'ikm-kiosk[server]'\n")
        raise SystemExit(_LIBRARY_MISSING) from None


if __name__ == "__main__":
    main()
