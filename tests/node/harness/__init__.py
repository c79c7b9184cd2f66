"""A real node: its machine, its services, its images. What the end-to-end tests' harness has is here too."""

import pathlib

__path__.append(str(pathlib.Path(__file__).resolve().parents[2] / "e2e" / "harness"))
