"""Where the process begins: at the window, or at the other commands."""

import sys


def main() -> None:
    """Run what was typed; nothing but `kiosk` or `kiosk run` is the window."""
    if sys.argv[1:] in ([], ["run"]):
        from kiosk import process  # noqa: PLC0415 - either way alone, so that the window does without the command line

        with process.sentences():
            raise SystemExit(process.run_window())
    from kiosk import cli  # noqa: PLC0415 - as above

    cli.main()


if __name__ == "__main__":
    main()
