"""An evaluation as a workbook whose live formulas reproduce every figure from the answers themselves."""

from ikm.server.reports.workbook.writing import workbook_kind, write_workbook

__all__ = ["workbook_kind", "write_workbook"]
