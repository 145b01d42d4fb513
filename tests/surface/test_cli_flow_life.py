"""relance flow …: the life of a flow and of its people, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast import ANA
from tests.surface.test_cli import Run, env, flow_file, out, run, shop  # noqa: F401

pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture
def live(shop: None, run: Run, flow_file: Path) -> Path:  # noqa: F811
    assert run("flow", "apply", str(flow_file)).returncode == 0
    assert run("flow", "publish", "Welcome").returncode == 0
    return flow_file


@pytest.mark.usefixtures("live")
def test_people_are_taken_out_kept_out_and_allowed_again(run: Run) -> None:  # noqa: F811
    assert "kept out" in run("flow", "take-out", "Welcome", ANA).stdout
    assert "may enter Welcome again" in run("flow", "allow", "Welcome", ANA).stdout
    assert "was not kept out" in run("flow", "allow", "Welcome", ANA).stdout
    assert "may enter again" in run("flow", "take-out", "Welcome", ANA, "--may-enter-again").stdout
    assert run("flow", "take-out", "Welcome", "nobody@example.com").returncode == 4
    assert run("flow", "take-all-out", "Welcome", "--step", "2").returncode == 0
    assert "forgotten 0 past runs" in run("flow", "reset", "Welcome", ANA).stdout


@pytest.mark.usefixtures("live")
def test_people_who_match_already_are_told_of_and_let_in(run: Run) -> None:  # noqa: F811
    assert "0 people match already and stay out" in run("flow", "on", "Welcome").stdout
    assert "are let in, 100 an hour" in run("flow", "on", "Welcome", "--matching", "--per-hour", "100").stdout


@pytest.mark.usefixtures("live")
def test_a_step_is_paused_alone(run: Run) -> None:  # noqa: F811
    assert run("flow", "pause-step", "Welcome", "Hello").returncode == 0
    assert "live, 1 step paused" in run("flow", "show", "Welcome").stdout
    assert [step["paused"] for step in out(run("flow", "show", "Welcome", "--json"))["steps"]] == [
        False, True, False, False,
    ]  # fmt: skip
    assert run("flow", "resume-step", "Welcome", "2").returncode == 0
    assert run("flow", "pause-step", "Welcome", "9").returncode == 4


def test_a_step_of_an_older_version_that_people_finish_goes_on_by_its_id(run: Run, live: Path) -> None:  # noqa: F811
    step = out(run("flow", "show", "Welcome", "--json"))["steps"][0]
    assert run("flow", "pause-step", "Welcome", "1").returncode == 0
    lines = live.read_text().splitlines(keepends=True)
    live.write_text("".join(line for line in lines if "greeted" not in line))
    assert run("flow", "apply", str(live)).returncode == 0
    assert run("flow", "publish", "Welcome", "--people-inside", "finish_old").returncode == 0
    assert f"step {step['id']} of another version is paused" in run("flow", "show", "Welcome").stdout
    assert run("flow", "resume-step", "Welcome", str(step["id"])).returncode == 0
    assert "is paused" not in run("flow", "show", "Welcome").stdout


def test_a_hold_out_and_what_it_tells_are_shown(run: Run, live: Path) -> None:  # noqa: F811
    settings = "settings: {objective: Loyalty, holdout: 50, goal: {event: paid}, "
    live.write_text(live.read_text().replace("settings: {", settings))
    assert run("flow", "apply", str(live)).returncode == 0
    refused = run("flow", "publish", "Welcome")
    assert (refused.returncode, "while the flow is paused" in refused.stderr) == (5, True)
    assert run("flow", "pause", "Welcome").returncode == 0
    assert run("flow", "publish", "Welcome").returncode == 0
    assert run("flow", "resume", "Welcome").returncode == 0
    assert run("flow", "add", "Welcome", ANA).returncode == 0
    assert "objective: Loyalty" in run("flow", "show", "Welcome").stdout
    assert [one["objective"] for one in out(run("flow", "list", "--by-objective", "--json"))] == ["Loyalty"]
    shown = out(run("flow", "show", "Welcome", "--json"))["conversions"]
    assert shown["held_out"] == {"people": 0, "converted": 0, "rate": None, "all": 0}
    assert shown["lift"] is None
    assert "reached the goal: entered 0 of 0" in run("flow", "show", "Welcome").stdout


@pytest.mark.usefixtures("live")
def test_a_resume_asks(run: Run) -> None:  # noqa: F811
    assert run("flow", "pause", "Welcome").returncode == 0
    refused = run("flow", "resume", "Welcome", "--late", "perhaps")
    assert (refused.returncode, "skip, all, end" in refused.stderr) == (2, True)
    assert run("flow", "resume", "Welcome", "--late", "end", "--days", "1", "--missed").returncode == 0


def test_nobody_loses_the_draft_of_another_unasked(run: Run, live: Path) -> None:  # noqa: F811
    alice, bob = (live.with_name(f"{name}.yaml") for name in ("alice", "bob"))
    text = run("flow", "export", "Welcome").stdout
    alice.write_text(text.replace("delay: 2 days", "delay: 4 days"))
    bob.write_text(text.replace("delay: 2 days", "delay: 6 days"))
    assert "write that into the file" in run("flow", "apply", str(alice)).stdout
    refused = run("flow", "apply", str(bob))
    assert refused.returncode == 5
    assert "-- delay: 4 days\n+- delay: 6 days" in refused.stderr
    refused = run("flow", "restore", "Welcome", "1")
    assert (refused.returncode, "--replace" in refused.stderr) == (5, True)
    assert "delay: 4 days" in run("flow", "export", "Welcome").stdout
    assert run("flow", "apply", str(bob), "--replace").returncode == 0
    assert run("flow", "restore", "Welcome", "1", "--replace").returncode == 0
    assert "delay: 2 days" in run("flow", "export", "Welcome").stdout


def test_versions_are_listed_compared_and_restored_and_a_flow_is_copied(run: Run, live: Path) -> None:  # noqa: F811
    live.write_text(live.read_text().replace("delay: 2 days", "delay: 4 days"))
    run("flow", "apply", str(live))
    assert "+- delay: 4 days" in run("flow", "compare", "Welcome", "1").stdout
    assert run("flow", "publish", "Welcome", "--people-inside", "flee").returncode == 2
    assert run("flow", "publish", "Welcome", "--people-inside", "finish_old").returncode == 0
    assert [one["number"] for one in out(run("flow", "versions", "Welcome", "--json"))] == [2, 1]
    assert run("flow", "restore", "Welcome", "1").returncode == 0
    assert "delay: 2 days" in run("flow", "export", "Welcome").stdout
    assert "They are the same." in run("flow", "compare", "Welcome", "1").stdout
    assert "Welcome (2) is a copy of Welcome" in run("flow", "duplicate", "Welcome").stdout
    assert run("flow", "duplicate", "Welcome", "--as", "Welcome").returncode == 5
    assert out(run("flow", "alerts", "--json")) == []


def test_a_draft_is_deleted_and_a_flow_that_has_been_live_is_not(run: Run, flow_file: Path) -> None:  # noqa: F811
    assert run("flow", "apply", str(flow_file)).returncode == 0
    assert "Welcome is deleted" in run("flow", "delete", "Welcome").stdout
    assert run("flow", "show", "Welcome").returncode == 4
    assert run("flow", "apply", str(flow_file)).returncode == 0
    assert run("flow", "publish", "Welcome").returncode == 0
    refused = run("flow", "delete", "Welcome")
    assert (refused.returncode, "Archive it" in refused.stderr) == (5, True)
