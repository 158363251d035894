"""The server on HTTP: the devices' interface, open figures, and the pages."""
