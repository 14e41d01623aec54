"""A patient for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.healing.patient import Patient
from tests.healing.patient import patient as make


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return make(tmp_path)
