"""Imports point down (docs/decisions/0001-layers.md)."""

from __future__ import annotations

from house.source import finish, modules

LAYERS = {
    "kernel": 0,
    "config": 0.5,
    "db": 1,
    "events": 2,
    "audience": 3,
    "commerce": 4, "surveys": 4, "site": 4, "messages": 4,
    "flows": 5,
    "integrations": 6, "reports": 6, "accounts": 6,
    "api": 7, "web": 7, "hooks": 7, "worker": 7,
    "cli": 7.5,  # starts the others and looks at them
    "demo": 6.5,
    "app": 8, "surface": 8, "__main__": 9,
}  # fmt: skip

ROOT = ("app", "surface")
"""The composition root: puts the parts together. Only the command line starts what it made."""


def part(name: str) -> str:
    """The package or module right under relance."""
    return [*name.split("."), ""][1]


def test_every_package_has_a_layer() -> None:
    unknown = {part(module.name) for module in modules()} - set(LAYERS) - {""}
    assert not unknown, f"give {', '.join(sorted(unknown))} a layer in LAYERS"


def test_imports_point_down_and_neighbours_do_not_know_each_other() -> None:
    problems = []
    for module in modules():
        own = part(module.name)
        for name, line in module.imports():
            other = part(name)
            if own in ("", other, *ROOT) or other not in LAYERS or (own == "cli" and other in ROOT):
                continue
            if LAYERS[other] >= LAYERS[own]:
                problems.append(f"{module.place}:{line} ({own}) imports {name}")
    finish(problems, "A module imports only from layers below its own.")


def test_flows_know_what_happened_in_other_features_only_as_events() -> None:
    problems = [
        f"{module.place}:{line} imports {name}"
        for module in modules()
        if part(module.name) == "flows"
        for name, line in module.imports()
        if part(name) in ("commerce", "surveys", "site") and name.split(".")[2:3] != ["events"]
    ]
    finish(problems, "Flows read commerce, surveys and site through their events.py alone.")


def test_integrations_never_start_flows_themselves() -> None:
    problems = [
        f"{module.place}:{line} imports {name}"
        for module in modules()
        if part(module.name) == "integrations"
        for name, line in module.imports()
        if part(name) == "flows"
    ]
    finish(problems, "An integration ends in the ledger; what listens to it is none of its business.")


def test_only_the_composition_root_and_the_command_line_know_how_everything_fits_together() -> None:
    problems = [
        f"{module.place}:{line}"
        for module in modules()
        for name, line in module.imports()
        if part(name) in ROOT and part(module.name) not in (*ROOT, "cli", "__main__")
    ]
    finish(problems, "The composition root is imported by cli and __main__ only.")
