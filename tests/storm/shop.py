"""What a storm blows through: a shop, three flows and a segment."""

from __future__ import annotations

from dataclasses import dataclass

from relance.accounts.keys import create_key
from relance.accounts.people import open_account
from relance.accounts.settings import set_setting
from relance.app import KINDS
from relance.audience import audiences, segments
from relance.audience.conditions import CompiledCache
from relance.db import partitions
from relance.db.pool import Database
from relance.db.share import everything
from relance.flows import life
from relance.flows.definition.apply import apply
from relance.flows.definition.file import read_flow
from relance.flows.definition.segment_condition import written_condition
from relance.flows.engine.membership import Membership
from relance.kernel import clock
from relance.kernel.ids import hex_id

FLOW = """
flow: Storm
audience: Customers
triggers:
  - event_api: {name: go}
steps:
  - send_email: {email: First, subject: "First for *|EMAIL|*", html: "<p>First</p>"}
  - delay: 1 second
  - if_else:
      when: {field: FNAME, is: Ana}
      then:
        - add_tag: ana
        - send_email: {email: Ana, subject: "For Ana", html: "<p>You are called Ana.</p>"}
      else:
        - wait_for_trigger:
            event_api: {name: on_we_go}
            up_to: 2 seconds
            met:
              - send_email: {email: Met, subject: Met, html: "<p>Met</p>"}
            timed_out:
              - send_email: {email: Late, subject: Late, html: "<p>Late</p>"}
  - if_else:
      when: {field: FNAME, is: Ben}
      then:
        - call_webhook: {url: "CRM"}
  - send_email: {email: Last, subject: Last, html: "<p>Last</p>"}
settings:
  exit_condition: {event: left}
  goal: {event: paid, within: 30 days}
  exit_on_goal: true
"""
TAGGED = """
flow: Tagged
audience: Customers
triggers: [{tag_added: ana}]
steps:
  - delay: 1 second
  - send_email: {email: Tagged, subject: Tagged, html: "<p>Tagged</p>"}
"""
BUYERS = """
flow: Buyers
audience: Customers
triggers: [{segment_entered: Buyers}]
steps:
  - add_tag: thanked
  - send_email: {email: Thanks, subject: Thanks, html: "<p>Thanks</p>"}
"""


@dataclass(frozen=True)
class Shop:
    """``flows``: their ids by name."""

    account_id: int
    audience_id: int
    key: str
    flows: dict[str, int]

    @property
    def list_id(self) -> str:
        return hex_id(self.audience_id)


def open_shop(database: Database, crm: str) -> Shop:
    """Everything live, the segment filled."""
    limits = {"limits.min_delay": 1}
    with database.transaction() as tx:
        now = clock.now()
        partitions.ensure(tx, now)
        account, _ = open_account(tx, now, "Fern & Moss", "owner@fern.example")
        # Several emails a minute to everybody: all are to arrive.
        for key, value in (("limits.min_delay", "1 second"), ("frequency_cap.email", "off")):
            set_setting(tx, now, account.account_id, key, value)
        sender = {"from_name": "Fern & Moss", "from_email": "hello@fern.example", "company": "Fern & Moss"}
        audience = audiences.create(tx, now, account.account_id, "Customers", sender)
        source, objects = written_condition(tx, audience.audience_id, "{event: paid, at_least: 1}")
        segments.create(tx, now, audience.audience_id, "Buyers", source, KINDS.subjects, objects)
        key = create_key(tx, now, account.account_id, "storm")
    with database.transaction() as tx:
        written = [FLOW.replace("CRM", crm), TAGGED, BUYERS]
        applied = [apply(tx, clock.now(), KINDS, account.account_id, limits, read_flow(text)) for text in written]
    fill = Membership(database, CompiledCache(KINDS.subjects))
    while fill.batch(everything()):
        pass
    for one in applied:
        with database.transaction() as tx:
            life.turn_on(tx, clock.now(), KINDS, one.flow_id)
    return Shop(account.account_id, audience.audience_id, key, {one.name: one.flow_id for one in applied})
