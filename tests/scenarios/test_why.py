"""Why and why not (spec/flows.md 5.12): the trail tells a whole life, with event, step and the values looked at."""

from __future__ import annotations

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

THANKS = """
flow: VIP thanks
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - send_email: {email: Thank you, subject: Thank you, html: "<p>Thank you.</p>"}
  - delay: 5 days
  - if_else:
      when: {email_opened: Thank you}
      then: [{add_tag: engaged}]
      else: [{send_email: {email: Again, subject: Still waiting, html: "<p>Your code.</p>"}}]
settings:
  re_entry: 30 days
  entry_filter: {field: LNAME, is_not: Okafor}
"""


def test_a_whole_life_in_words(world: World) -> None:
    flow = world.flow(THANKS)
    ana = world.person(ANA, tags=["vip"])
    world.later(days=1)
    world.open(world.mails_to(ANA)[0])
    world.later(days=5)
    told = [(line.code, line.name, line.step) for line in world.trail(flow, ana) if line.code != "E27"]
    assert told == [
        ("E00", "entered", None),
        ("W10", "sending", "send_email"),
        ("S00", "sent", "send_email"),
        ("W01", "delay", "delay"),
        ("B01", "way_taken", "if_else"),
        ("B11", "done", "add_tag"),
        ("X00", "completed", "add_tag"),
    ]


def test_it_names_the_event_and_the_run(world: World) -> None:
    flow = world.flow(THANKS)
    ana = world.person(ANA, tags=["vip"])
    world.settle()
    entered, *rest = world.trail(flow, ana)
    assert (entered.code, entered.event_kind) == ("E00", "contact.tag_added")
    assert {line.run_id for line in rest} == {entered.run_id}


def test_it_shows_the_value_that_kept_somebody_out(world: World) -> None:
    flow = world.flow(THANKS)
    ben = world.person(BEN, fields={"LNAME": "Okafor"}, tags=["vip"])
    world.settle()
    (line,) = world.trail(flow, ben)
    assert line.code == "E15"
    assert "Okafor" in str(line.seen)


def test_in_french_too(world: World) -> None:
    flow = world.flow(THANKS)
    world.person(ANA)
    assert [line.meaning for line in world.trail(flow, world.contact(ANA).contact_id)] == [
        "nothing this trigger listens to has happened"
    ]
    assert world.why_in(flow, ANA, "fr") == ["rien de ce que ce déclencheur attend ne s’est produit"]


def test_opening_the_email_received_starts_other_flows(world: World) -> None:
    world.flow(THANKS)
    readers = world.flow("""
flow: Readers
audience: Customers
triggers:
  - email_opened: {email: Thank you}
steps:
  - add_tag: reader
""")
    ana = world.person(ANA, tags=["vip"])
    world.settle()
    world.open(world.mails_to(ANA)[0])
    first = world.trail(readers, ana)[0]
    assert (first.code, first.event_kind) == ("E00", "message.opened")
    assert "reader" in world.tags_of(ANA)


def test_what_was_asked_of_another_flow_is_nothing_to_this_one(world: World) -> None:
    """Let in after a pause, added by hand, or called for over there: here nothing has happened (E01)."""
    there, here = (
        world.flow(f"{{flow: {name}, audience: Customers, triggers: [flow_api], steps: [{{add_tag: x}}]}}")
        for name in ("There", "Here")
    )
    ana, ben = world.person(ANA), world.person(BEN)
    world.pause(there)
    world.call(there, ANA)
    world.settle()
    world.resume(there, missed=True)
    world.settle()
    world.add_by_hand(there, BEN)
    world.settle()
    assert [line.code for line in world.trail(there, ana)][:2] == ["E02", "E00"]
    assert [[line.code for line in world.trail(here, who)] for who in (ana, ben)] == [["E01"], ["E01"]]
