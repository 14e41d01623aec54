"""Tests of the harness room of the same name."""
