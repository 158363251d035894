"""Benchmarks: every figure beside a reference measured in the same run, since machines differ and drift."""
