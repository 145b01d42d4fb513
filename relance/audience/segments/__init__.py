"""Segments: named conditions whose members are kept (spec/flows.md 7.5, docs/decisions/0021).

create, change, delete                 what the team does
get, find, get_many, list, progress    what there is, and how far a new one is filled
members, count, among                  who is in it
refresh, fill                          what keeps the members right: called by the engine's loop
"""

from relance.audience.segments.change import change, create, delete
from relance.audience.segments.fill import fill
from relance.audience.segments.find import find, get, get_many, list, progress, with_segments
from relance.audience.segments.members import among, count, members, members_between
from relance.audience.segments.model import Member, Segment
from relance.audience.segments.refresh import Refresher

__all__ = [
    "Member", "Refresher", "Segment", "among", "change", "count", "create", "delete", "fill", "find", "get", "get_many",
    "list", "members", "members_between", "progress", "with_segments",
]  # fmt: skip
