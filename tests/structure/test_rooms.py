"""CONTRIBUTING's table of folders is the picture of the house: sources include what their room may use, and no more."""

import fnmatch
import pathlib
import re

from test_structure import ROOT, includes, sources, table_of

TOP = ("policies", "webhook", "certs")


def rows() -> tuple[dict[str, str], dict[str, list[str]]]:
    """Folder or files -> their room, which the first name of the row names; room -> what its row says that it may
    use. Whole top folders are another test's."""
    rooms, may_use = {}, {}
    for cell, _, uses in table_of("CONTRIBUTING.md", "## Where things are"):
        names = [name for name in re.findall(r"`([^`]+)`", cell)
                 if name.split("/")[0] in TOP and name not in ("policies/", "webhook/")]
        for name in names:
            assert name not in rooms, f"two rows for {name}"
            rooms[name] = names[0]
            may_use[names[0]] = re.findall(r"`([^`]+)`", uses)
    return rooms, may_use


ROOMS, MAY_USE = rows()


def room_of(path: str) -> str:
    """The longest name counts: files (`policies/rules/rules.*`) before their folder."""
    fitting = [name for name in ROOMS if path.startswith(name) or fnmatch.fnmatch(path, name)]
    assert fitting, f"{path} is in no folder of CONTRIBUTING's table"
    return ROOMS[max(fitting, key=len)]


def usable(room: str, above: tuple[str, ...] = ()) -> set[str]:
    """The rooms that a row names, and what these may use."""
    assert room not in above, " -> ".join((*above, room)) + ": a circle"
    found = set()
    for name in MAY_USE[room]:
        named = {ROOMS[name]} if name in ROOMS else {ROOMS[other] for other in ROOMS if other.startswith(name)}
        assert named, f"the row of {room} names {name}, which is no row"
        for other in named:
            found |= {other} | usable(other, (*above, room))
    return found


def test_every_row_has_sources():
    paths = [str(path.relative_to(ROOT)) for top in TOP for path in sources(top)]
    assert {room_of(path) for path in paths} == set(MAY_USE)


def test_rooms_have_no_circles():
    for room in MAY_USE:
        usable(room)


def test_sources_include_what_their_room_may_use():
    wrong = set()
    allowed = {room: {room} | usable(room) for room in MAY_USE}
    for path in (path for top in TOP for path in sources(top)):
        name = str(path.relative_to(ROOT))
        room = room_of(name)
        for included in (text.strip('"') for text in includes(path) if text.startswith('"')):
            target = included if pathlib.Path(ROOT / included).exists() else str(
                (path.parent / included).relative_to(ROOT))
            if room_of(target) not in allowed[room]:
                wrong.add((name, target))
    assert not wrong, sorted(wrong)
