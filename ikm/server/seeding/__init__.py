"""A whole regency that does not exist, with years of answers, for trying, measuring and teaching.

`sow(store, wish)` fills an untouched database. What is made up how is told in docs/recipes/seed.md; the same wish gives
the same regency and the same answers. Citizens' answers go in as kiosks would have sent them: each device has its
chain, so that `ikm audit` finds it whole.
"""

from ikm.server.seeding.sowing import Sown, Wish, sow

__all__ = ["Sown", "Wish", "sow"]
