"""An evaluation as a workbook whose live formulas reproduce every figure from the answers themselves."""

from ikm.server.reports.workbook.writing import write_workbook

__all__ = ["write_workbook"]
