"""docs/howto/add-a-trigger.md, carried out: its files are written, its lines put in, its commands run, in a copy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from house.source import ROOT, files

GUIDE = ROOT / "docs" / "howto" / "add-a-trigger.md"


@dataclass(frozen=True)
class Block:
    """A block of code. The first line of a Python one says where it belongs: ``# FILE`` or ``# FILE, PLACE``."""

    language: str
    text: str

    @property
    def file(self) -> str:
        return self._where[0]

    @property
    def place(self) -> str:
        return self._where[2]

    @property
    def body(self) -> str:
        return self.text.partition("\n")[2]

    @property
    def _where(self) -> tuple[str, str, str]:
        return self.text.partition("\n")[0].removeprefix("# ").partition(", ")


def blocks() -> list[Block]:
    found = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [Block(language, text) for language, text in found]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for path in files():
        there = tmp_path / path.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, there)
    return tmp_path


def follow(copy: Path, block: Block) -> None:
    path = copy / block.file
    if not block.place:
        assert not path.exists(), f"{block.file} exists by now: the guide needs another example"
        path.write_text(block.body, "utf-8")
        return
    lines = path.read_text("utf-8").splitlines(keepends=True)
    lines[_line(lines, block.place) : 0] = [block.body]
    path.write_text("".join(lines), "utf-8")


def _line(lines: list[str], place: str) -> int:
    """Before which line of the file the place lies."""
    if place == "among the imports":
        return next(number for number, line in enumerate(lines) if line.startswith("from relance."))
    after = re.fullmatch(r"in TRIGGERS after (\w+)", place)
    assert after, f"the guide names a place that this test does not know: {place}"
    return lines.index(f"    {after[1]},\n") + 1


def run(copy: Path, command: str) -> None:
    """As written, but with this Python, and on the copy."""
    binaries = f"{Path(sys.executable).parent}/"
    done = subprocess.run(
        command.replace(".venv/bin/", binaries).split(),
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}{done.stderr[-2000:]}"


def test_whoever_follows_the_guide_has_a_new_trigger(copy: Path) -> None:
    steps = blocks()
    for block in steps:
        if block.language == "python":
            follow(copy, block)
    commands = [line for block in steps if block.language == "sh" for line in block.text.splitlines()]
    assert commands, "the guide says how to look whether it works"
    for command in commands:
        run(copy, command)
    assert "## `language_changed`" in (copy / "docs" / "reference" / "triggers.md").read_text("utf-8")


def test_without_its_line_in_the_registry_the_story_fails(copy: Path) -> None:
    """The commands of the guide really run the new trigger."""
    for block in blocks():
        if block.language == "python" and not block.place:
            follow(copy, block)
    with pytest.raises(AssertionError, match="language_changed"):
        run(copy, ".venv/bin/pytest tests/scenarios/test_language_changed.py -x")
