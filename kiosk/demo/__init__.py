"""The demonstration: a server, a kiosk and real answers tapped on its window, as `make demo` shows them."""
