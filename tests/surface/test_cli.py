"""The command line as people and programs use it: output, exit codes, errors without a traceback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from relance.accounts.sign_in import sign_in_with_password
from relance.app import open_app
from relance.audience import audiences, contacts
from relance.audience.contacts import Actor, Draft
from relance.config import read_config
from relance.db import last_reading
from relance.db.pool import Database
from relance.db.share import everything
from relance.flows.engine.membership import Membership
from relance.kernel import clock
from relance.kernel.errors import Conflict
from tests.cast import ANA

FLOW = """
flow: Welcome
audience: Customers
triggers:
  - tag_added: vip
steps:
  - add_tag: greeted
  - send_email: {email: Hello, subject: "Hello *|FNAME:there|*", html: "<p>Welcome</p>"}
  - delay: 2 days
  - add_tag: old hand
settings: {exit_condition: {tag: churned}}
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def env(database: Database, tmp_path: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("RELANCE_")}
    return {**kept, "RELANCE_DATABASE_URL": database.conninfo, "RELANCE_DATA": str(tmp_path / "data")}


@pytest.fixture
def run(env: dict[str, str], tmp_path: Path) -> Run:
    """Run the command without a terminal; its output must never hold a traceback."""

    def run(*args: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "relance", *args],
            env={**env, **more, "PYTHONPATH": str(Path(__file__).parents[2])},
            cwd=tmp_path,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def shop(env: dict[str, str]) -> None:
    """The installation's own account with the audience Customers, and Ana in it."""
    with open_app(read_config(env)) as app, app.database.transaction() as tx:
        sender = {"from_email": "hello@fern.example", "address": "12 Garden Lane, Dublin"}
        customers = audiences.create(tx, clock.now(), app.account.account_id, "Customers", sender)
        draft = Draft(email=ANA, email_status="subscribed", fields={"FNAME": "Ana"})
        contacts.save(tx, clock.now(), customers, draft, Actor("app", "app"))


@pytest.fixture
def flow_file(tmp_path: Path) -> Path:
    path = tmp_path / "welcome.yaml"
    path.write_text(FLOW)
    return path


def out(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_key_is_printed_alone_listed_by_its_end_and_revoked(run: Run) -> None:
    made = run("key", "create", "--label", "shop")
    assert re.fullmatch(r"[0-9a-f]{32}-us1\n", made.stdout)
    (listed,) = out(run("key", "list", "--json"))
    assert (listed["label"], listed["hint"]) == ("shop", made.stdout[28:32])
    assert run("key", "revoke", listed["hint"]).returncode == 0
    assert run("key", "revoke", listed["hint"]).returncode == 4


def test_an_argument_that_is_not_utf_8_is_refused(run: Run) -> None:
    done = run("flow", "show", os.fsdecode(b"Chlo\xe9"))
    assert (done.returncode, done.stderr) == (2, "the argument 'Chlo\\\\xe9' is not UTF-8 text. Write it in UTF-8.\n")


def test_output_finds_its_way_into_any_encoding(run: Run) -> None:
    done = run("flow", "list", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    done = run("triggers", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr


def test_output_that_finds_no_room_says_so(env: dict[str, str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("it takes a device that is full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "relance", "triggers"],
            env=env, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (7, "there is no space left on the device. Make room.\n")


def test_kinds_are_listed_with_their_settings(run: Run) -> None:
    triggers = {kind["key"]: kind for kind in out(run("triggers", "--json"))}
    assert triggers["tag_added"]["number"] == 1
    assert triggers["tag_added"]["labels"] == {"en": "Tag added", "fr": "Tag ajouté"}
    assert triggers["tag_added"]["settings"]["properties"]["tag"]["x-ref"] == "tag"
    steps = {kind["key"]: kind for kind in out(run("steps", "--json"))}
    assert steps["delay"]["settings"]["required"] == ["n", "unit"]


@pytest.mark.usefixtures("shop")
def test_a_flow_from_its_file_to_the_end(run: Run, flow_file: Path) -> None:
    assert run("flow", "check", str(flow_file)).returncode == 0
    applied = out(run("flow", "apply", str(flow_file), "--json"))
    assert [match["how"] for match in applied["matches"]] == ["new"] * 4
    assert applied["created_tags"] == ["churned", "greeted", "old hand", "vip"]
    assert run("flow", "add", "Welcome", ANA).returncode == 5, "it is not live yet"
    for verb, state in (("publish", "live"), ("pause", "paused"), ("on", "live"), ("drain", "draining")):
        assert run("flow", verb, "welcome").returncode == 0
        assert [flow["state"] for flow in out(run("flow", "list", "--json"))] == [state]
    assert run("flow", "on", "Welcome").returncode == 0
    assert run("flow", "add", "Welcome", ANA).returncode == 0
    assert run("flow", "add", "Welcome", "nobody@example.com").returncode == 4
    shown = out(run("flow", "show", "Welcome", "--json"))
    assert [step["kind"] for step in shown["steps"]] == ["add_tag", "send_email", "delay", "add_tag"]
    exported = run("flow", "export", "Welcome").stdout
    flow_file.write_text(exported)
    assert out(run("flow", "apply", str(flow_file), "--json"))["changed"] is False
    assert out(run("why", "--flow", "Welcome", "--contact", ANA, "--json"))
    assert "null" not in run("why", "--flow", "Welcome", "--contact", ANA).stdout
    assert out(run("reconcile", "--json"))["closes"] is True
    assert out(run("messages", "--json", "--to", ANA)) == []
    assert run("flow", "archive", "Welcome").returncode == 5, "it is live"


@pytest.mark.usefixtures("shop")
def test_what_is_wrong_with_a_file_is_told_by_line(run: Run, flow_file: Path) -> None:
    flow_file.write_text(FLOW.replace("FNAME", "FNAM").replace("delay: 2 days", "delay: 2 dais"))
    done = run("flow", "check", str(flow_file))
    assert done.returncode == 2
    assert f"{flow_file}: line 8: V10" in done.stderr
    assert "line 9: step 3 (delay): a delay is a length of time" in done.stderr
    refused = run("flow", "apply", str(flow_file))
    assert (refused.returncode, refused.stdout) == (2, "")
    found = run("flow", "check", str(flow_file), "--json")
    assert found.returncode == 2
    assert {problem["line"] for problem in json.loads(found.stdout)["problems"]} >= {8, 9}


@pytest.mark.usefixtures("shop")
def test_a_flow_that_may_not_go_live_stays_a_draft(run: Run, flow_file: Path) -> None:
    flow_file.write_text(FLOW.replace('html: "<p>Welcome</p>"', "preview: soon"))
    assert run("flow", "apply", str(flow_file)).returncode == 0
    done = run("flow", "publish", "Welcome")
    assert (done.returncode, "V09" in done.stderr) == (2, True)
    assert [flow["state"] for flow in out(run("flow", "list", "--json"))] == ["draft"]


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (("flow", "show", "Nothing"), 4, "there is no flow 'Nothing'"),
        (("flow", "check", "nothing.yaml"), 4, "there is no file nothing.yaml"),
        (("flow", "frobnicate"), 2, "No such command"),
        (("seed", "--contacts", "0"), 2, "--contacts"),
    ],
)
def test_errors_have_their_codes(run: Run, args: tuple[str, ...], code: int, told: str) -> None:
    done = run(*args)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr


def test_a_database_that_cannot_be_reached_is_unavailable(run: Run) -> None:
    done = run("flow", "list", RELANCE_DATABASE_URL="postgresql://nobody:secret@127.0.0.1:1/none")
    assert done.returncode == 7
    assert "cannot be used" in done.stderr
    assert "secret" not in done.stderr


def test_a_setting_that_does_not_fit_is_named(run: Run) -> None:
    done = run("flow", "list", RELANCE_PORT="harbour")
    assert (done.returncode, "RELANCE_PORT: 'harbour' is no port" in done.stderr) == (2, True)


def test_an_unexpected_error_gives_a_reference(run: Run, database: Database) -> None:
    assert run("migrate").returncode == 0
    with database.transaction() as tx:
        tx.connection.execute("alter table flow rename to hidden")
    try:
        done = run("flow", "list")
    finally:
        with database.transaction() as tx:
            tx.connection.execute("alter table hidden rename to flow")
    assert done.returncode == 1
    assert re.search(r"Something unexpected went wrong \(reference [0-9a-f]{10}\)", done.stderr)


def test_a_reader_that_goes_away_is_no_error(run: Run, env: dict[str, str]) -> None:
    command = f"{sys.executable} -m relance triggers --json | head -c 1"
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        ["bash", "-c", command], env={**env, "PYTHONPATH": root}, capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("[", "")


def test_people_are_invented_and_start_no_flow(run: Run, database: Database) -> None:
    assert "30 contacts are in Customers" in run("seed", "--contacts", "30").stdout
    with database.transaction() as tx:
        row = tx.connection.execute("select count(*), count(distinct bucket) > 10 from contact").fetchone()
        entered = tx.connection.execute("select bool_and(syncing) from event").fetchone()
    assert row is not None
    assert entered is not None
    assert (row[0], row[1], entered[0]) == (30, True, True)


def test_the_doctor_numbers_its_checks(run: Run) -> None:
    run("migrate")
    found = {one["name"]: one["state"] for one in out(run("doctor", "--json"))}
    assert found["database"] == found["schema"] == found["partitions"] == found["clock"] == "ok"
    done = run("doctor")
    assert done.stdout.startswith(" 1. ok    settings")
    assert found["frequency cap"] == "note"
    broken = run("doctor", RELANCE_DATABASE_URL="postgresql://127.0.0.1:1/none")
    assert broken.returncode == 1
    assert "wrong database" in broken.stdout


def test_the_doctor_says_which_frequency_cap_holds(run: Run, shop: None) -> None:
    def told(**more: str) -> str:
        return str(
            next(
                one["told"]
                for one in json.loads(run("doctor", "--json", **more).stdout)
                if one["name"] == "frequency cap"
            )
        )

    server = {"RELANCE_SMTP_URL": "smtp://127.0.0.1:1?tls=off"}
    assert told().startswith("not applied while mail goes to the local catcher")
    assert told(**server).startswith("1 in 16 hours, as usual")
    run("account", "set", "frequency_cap.email", "2 in 1 day")
    assert told() == told(**server) == "2 in 1 day, as the account says"
    run("account", "set", "frequency_cap.email", "off")
    assert told() == told(**server) == "off, as the account says"


def test_the_account_is_shown_and_changed(run: Run, shop: None) -> None:
    def shown() -> dict[str, tuple[str, bool]]:
        return {one["key"]: (one["value"], one["set"]) for one in out(run("account", "show", "--json"))}

    assert shown()["quiet_hours.email"] == ("off", False)
    assert "quiet_hours.email is 21:00-08:00" in run("account", "set", "quiet_hours.email", "21:00-08:00").stderr
    assert run("account", "set", "zone", "Europe/Paris").returncode == 0
    assert (shown()["quiet_hours.email"], shown()["zone"]) == (("21:00-08:00", True), ("Europe/Paris", True))
    assert "21:00-08:00" in run("account", "show").stdout
    refused = run("account", "set", "quiet_hours.email", "at night")
    assert refused.returncode == 2
    assert "quiet_hours.email" in refused.stderr
    unknown = run("account", "set", "quiet_hour", "off")
    assert unknown.returncode == 4
    assert "Did you mean" in unknown.stderr
    assert run("account", "unset", "zone").returncode == 2
    assert run("account", "unset", "quiet_hours.email").returncode == 0
    assert shown()["quiet_hours.email"] == ("off", False)


def test_a_segment_is_made_filled_shown_and_added_to_a_flow(
    run: Run, shop: None, flow_file: Path, env: dict[str, str]
) -> None:
    assert run("segment", "list").stdout.startswith("There is no segment yet")
    refused = run("segment", "create", "Lima", "--where", "{field: LNAM, is: Lima}")
    assert refused.returncode == 2
    assert "LNAME" in refused.stderr
    made = out(run("segment", "create", "Named Ana", "--where", "{field: FNAME, is: ana}", "--json"))
    assert (made["members"], made["filled"]) == (0, 0.0)
    with open_app(read_config(env)) as app:
        membership = Membership(app.database, app.conditions)
        while membership.batch(everything()):
            pass
    (listed,) = out(run("segment", "list", "--json"))
    assert (listed["name"], listed["members"], listed["filled"]) == ("Named Ana", 1, 1.0)
    assert listed["means"] == "First Name is ana"
    shown = run("segment", "show", "named ana").stdout
    assert ANA in shown
    assert "100% filled" in shown
    assert run("segment", "create", "named ANA", "--where", "{vip: true}").returncode == 5
    assert run("segment", "change", "Named Ana", "--name", "Anas").returncode == 0
    run("flow", "apply", str(flow_file))
    assert run("flow", "add", "Welcome", "--segment", "Anas").returncode == 5, "a draft takes nobody in"
    assert run("flow", "on", "Welcome").returncode == 0
    assert run("flow", "add", "Welcome", "--segment", "Anas").stdout.startswith("1 of Anas are on the way into Welcome")
    assert run("segment", "delete", "Anas").returncode == 0
    assert run("segment", "show", "Anas").returncode == 4


def test_links_are_signed_with_one_secret_until_another_is_accepted(run: Run, env: dict[str, str]) -> None:
    """A second machine makes a secret of its own: every link in sent mail would lead nowhere."""
    other = {"RELANCE_SECRET": "the other machine's own secret"}

    def links(**more: str) -> str:
        return str({one["name"]: one["state"] for one in json.loads(run("doctor", "--json", **more).stdout)}["links"])

    assert run("flow", "list", **other).returncode == 0, "who does not sign is not asked, and settles nothing"
    with open_app(read_config(env), stays=True):
        pass
    assert (links(), links(**other)) == ("ok", "wrong")
    with (
        pytest.raises(Conflict, match="signed with another secret") as refused,
        open_app(read_config(env | other), stays=True),
    ):
        pass
    assert refused.value.where == "RELANCE_SECRET"
    assert "`relance secret accept`" in refused.value.mend
    assert "Restart every process" in run("secret", "accept", **other).stderr
    assert "already" in run("secret", "accept", **other).stderr
    assert (links(), links(**other)) == ("wrong", "ok")
    with pytest.raises(Conflict) as refused, open_app(read_config(env), stays=True):
        pass
    assert refused.value.where == f"{env['RELANCE_DATA']}/secret"


def test_doctor_names_a_variable_that_nothing_reads(run: Run) -> None:
    found = {one["name"]: one for one in json.loads(run("doctor", "--json", RELANCE_DATAA="/srv").stdout)}
    told = (found["settings"]["state"], found["settings"]["told"], found["settings"]["hint"])
    assert told == ("note", "RELANCE_DATAA: nothing reads this", "Did you mean RELANCE_DATA?")


def test_doctor_tells_of_a_clock_that_was_set_back(run: Run, shop: None, database: Database) -> None:
    def told() -> dict[str, str]:
        return next(one for one in json.loads(run("doctor", "--json").stdout) if one["name"] == "time")

    def worked_at(ahead: timedelta) -> None:
        with database.transaction() as tx:
            last_reading.keep(tx, clock.machine() + ahead)

    assert told()["state"] == "ok"
    worked_at(timedelta(hours=2, seconds=20))
    assert told()["told"] == "stands still for 120 min: Relance has worked ahead of this machine's clock"
    worked_at(timedelta(days=3))
    assert "72 hours ahead" in told()["told"]
    assert "`relance believe-clock`" in told()["hint"]
    refused = run("flow", "list")
    assert (refused.returncode, "72 hours ahead" in refused.stderr) == (5, True)
    assert run("believe-clock").stderr.startswith("It is ")
    assert run("flow", "list").returncode == 0
    assert told()["state"] == "ok"


def test_people_of_the_account_come_go_and_sign_in(run: Run) -> None:
    """The first owner begins with an address that no mail reaches."""
    (owner,) = out(run("person", "list", "--json"))
    assert run("person", "address", owner["email"], "Fern@shop.example").stderr.endswith("Fern@shop.example now.\n")
    assert run("person", "add", "moss@shop.example", "--role", "viewer", "--name", "Moss").returncode == 0
    assert [(one["email"], one["role"]) for one in out(run("person", "list", "--json"))] == [
        ("Fern@shop.example", "owner"),
        ("moss@shop.example", "viewer"),
    ]
    link = run("person", "link", "moss@shop.example").stdout
    assert re.fullmatch(r"http://127\.0\.0\.1:8700/signin/link/[\w-]{43}\n", link)
    assert run("person", "remove", "moss@shop.example").returncode == 0
    assert len(out(run("person", "list", "--json"))) == 1


def test_what_people_commands_refuse(run: Run) -> None:
    run("person", "address", "owner@localhost.localdomain", "fern@shop.example")
    run("person", "add", "moss@shop.example")
    assert run("person", "address", "moss@shop.example", "fern@shop.example").returncode == 5, "somebody else's"
    assert run("person", "remove", "fern@shop.example").returncode == 5, "the only owner"
    assert run("person", "add", "fern@shop.example", "--role", "viewer").returncode == 5, "the only owner"
    assert run("person", "add", "moss@shop.example", "--role", "boss").returncode == 2
    assert run("person", "link", "nobody@shop.example").returncode == 4
    assert run("person", "address", "moss@shop.example", "no address").returncode == 2


def test_a_password_comes_from_standard_input(run: Run, env: dict[str, str]) -> None:
    assert run("person", "password", "owner@localhost.localdomain", given="short\n").returncode == 2
    assert run("person", "password", "owner@localhost.localdomain", given="leaves of the fern\n").returncode == 0
    with open_app(read_config(env)) as app:
        assert sign_in_with_password(app.database, clock.now(), "Owner@localhost.localdomain", "leaves of the fern")
