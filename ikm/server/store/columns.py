"""How columns that hold JSON are read: worked out once, since working it out takes longer than reading."""

from msgspec import json

from ikm.domain.configuration import Opening

NAMES = json.Decoder(dict[str, str])
"""One text in several languages, by locale."""
LINES = json.Decoder(list[dict[str, str]])
"""Such texts, one after the other."""
STANDARD = json.Decoder(dict[str, list[dict[str, str]]])
"""The published components of a service standard."""
HOURS = json.Decoder(tuple[Opening, ...])
"""Opening hours."""
COUNTS = json.Decoder(dict[str, int])
"""Numbers by name."""
