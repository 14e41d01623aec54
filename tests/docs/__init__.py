"""What the documentation promises, as tests."""
