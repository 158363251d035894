"""Places out of a spreadsheet: agencies, units, services and users, one a row; shown before anything is written.

    table = read_table(path)            # what the file says, row by row, with the faults of its cells
    plan = planned(table, state, may)   # what that would change, or why not
    store.import_places(batch, decide, by)

The same plan is made again inside the transaction that writes it, so that nothing is written that was not shown.
"""

from ikm.server.importing.plan import Plan, PlanLine
from ikm.server.importing.planning import planned
from ikm.server.importing.records import Fault, Record, Table
from ikm.server.importing.sheets import read_table

__all__ = ["Fault", "Plan", "PlanLine", "Record", "Table", "planned", "read_table"]
