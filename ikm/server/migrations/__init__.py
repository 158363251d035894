"""The history of the server's tables, one file a step; `ikm.server.store.migrate` runs it."""
