"""`version`."""

import json
import re


def test_it_says_what_it_is_and_was_built_with(program, root):
    found = json.loads(program.run("version", "-o", "json"))
    project = re.search(r"project\(cvm-webhook VERSION (\S+)", (root / "CMakeLists.txt").read_text())
    assert found["version"] == project[1]
    assert program.run("--version") == f"cvm-webhook {project[1]}\n"
    assert list(found) == ["version", "compiler", "buildType", "openssl", "boost"]
    for key in ("openssl", "boost"):
        assert re.fullmatch(r"\d+(\.\d+)+", found[key]), key
    assert re.fullmatch(r"[A-Za-z]+ [\d.]+", found["compiler"]) and found["buildType"]
    text = program.run("version")
    assert dict(line.split(maxsplit=1) for line in text.splitlines()) == found
