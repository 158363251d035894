"""The rules of the index as pure functions over frozen data: no clock, no chance, no input or output."""
