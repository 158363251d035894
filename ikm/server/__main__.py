"""`python -m ikm.server` is `ikm`."""

from ikm.server.cli import app

app()
