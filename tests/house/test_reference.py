"""Every trigger, step, event, code, error, setting, command and merge tag is documented, and the pages are fresh."""

from __future__ import annotations

import re
import sys
from types import ModuleType

import pytest
from house.source import PACKAGE, ROOT, finish, modules

from relance.accounts.settings import SETTINGS as ACCOUNT_SETTINGS
from relance.config import SETTINGS
from relance.flows.steps.registry import STEPS
from relance.flows.triggers.registry import TRIGGERS

FOLDER = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import reference as module  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(ROOT / "scripts"))
    return module


def test_the_reference_is_what_the_code_declares(reference: ModuleType) -> None:
    made = reference.pages()
    written = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    stale = sorted(name for name in {*made, *written} if made.get(name) != written.get(name))
    finish(stale, "Run `make reference`: these pages of docs/reference are not what the code declares.")


def test_the_pages_name_what_a_person_may_look_for(reference: ModuleType) -> None:
    """Not only fresh: the generator itself may not have overlooked something."""
    pages = reference.pages()
    missing = [f"trigger {kind.key}" for kind in TRIGGERS if f"## `{kind.key}`" not in pages["triggers.md"]]
    missing += [f"step {kind.key}" for kind in STEPS if f"## `{kind.key}`" not in pages["steps.md"]]
    missing += [f"setting {one.name}" for one in SETTINGS if f"`{one.name}`" not in pages["settings.md"]]
    missing += [f"account {one.key}" for one in ACCOUNT_SETTINGS if f"`{one.key}`" not in pages["account-settings.md"]]
    missing += [f"command {' '.join(path)}" for path, _ in reference.command_tree() if _.help is None]
    finish(missing, "Documented in docs/reference, with a sentence.")


def test_every_variable_that_is_read_is_a_declared_setting() -> None:
    known = {one.name for one in SETTINGS} | {f"{one.name}_FILE" for one in SETTINGS if one.secret}
    unknown = [
        f"{module.place} reads {name}"
        for module in modules()
        for name in set(re.findall(r"RELANCE_[A-Z_]*[A-Z]", module.path.read_text("utf-8")))
        if name not in known
    ]
    finish(sorted(unknown), "A variable stands in SETTINGS of config.py, with its meaning.")


def test_every_account_setting_that_is_read_is_declared() -> None:
    """``forget_key`` is a secret that the account keeps for itself."""
    read = re.compile(r"(?:\baccount(?:_settings)?\.get\(|\b[ak]\.settings ->> )[\"']([a-z0-9_.]+)[\"']")
    known = {one.key for one in ACCOUNT_SETTINGS} | {"forget_key"}
    texts = [path.read_text("utf-8") for path in PACKAGE.rglob("*") if path.suffix in (".py", ".sql")]
    found = {key for text in texts for key in read.findall(text)}
    assert {"feb29", "unknown_counts_as", "count_machine_activity", "when_capped"} <= found
    finish(sorted(found - known), "An account setting stands in accounts/settings.py, with its meaning.")


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in (*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")):
        text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} → {target}")
    finish(broken, "A link to a page that is not there.")


def test_every_page_that_the_code_sends_people_to_is_there() -> None:
    """A page with its ending, a folder, or a decision by its number."""
    broken = []
    texts = (path for ending in ("*.py", "*.sql", "*.html") for path in PACKAGE.rglob(ending))
    for path in (*texts, ROOT / "Makefile"):
        for named in re.findall(r"(?<![/\w])docs/[\w./-]*[\w/]", path.read_text("utf-8")):
            if not (ROOT / named).exists() and not list(ROOT.glob(f"{named}-*.md")):
                broken.append(f"{path.relative_to(ROOT)} → {named}")
    finish(broken, "A page that a text names is written.")


def test_every_test_that_a_decision_names_is_there() -> None:
    broken = [
        f"{page.relative_to(ROOT)} → {named}"
        for page in (ROOT / "docs" / "decisions").glob("*.md")
        for named in re.findall(r"\btests/[\w/]+\.py", page.read_text("utf-8"))
        if not (ROOT / named).exists()
    ]
    finish(broken, "Where a decision is checked is told by the name of a test that is there.")
