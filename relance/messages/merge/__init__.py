"""Merge tags: ``*|FNAME:there|*`` and its family, from text to message (spec/flows.md section 8).

Pure: nothing here reads a clock, a file or a database. Three steps, each usable alone:

1. ``parse`` reads a text into a Document; MergeTagError (V10) says where and what was probably meant.
2. ``check`` holds the document against an audience and a flow: V10, V11, warnings; ``review`` does 1 and 2 at once.
3. ``compile_template`` prepares it for a place (HTML, text, header, URL, JSON); ``render`` writes it for a contact.

>>> from datetime import UTC, datetime
>>> template = compile_template(parse("Hello *|TITLE:FNAME:there|*!"), Place.HTML)
>>> now = datetime(2026, 3, 31, tzinfo=UTC)
>>> template.render(Values(now, fields={"FNAME": "chloé"}))
'Hello Chloé!'
>>> template.render(Values(now))
'Hello There!'
>>> template.render(Values(now, fields={"FNAME": "<b>*|EMAIL|*</b>"}))
'Hello &lt;B&gt;*|Email|*&lt;/B&gt;!'
>>> [problem.message for problem in review("Hi *|FNAM|*", place=Place.TEXT, known=Known({"FNAME": KnownField("text")}))]
['*|FNAM|* is not a known tag. Did you mean FNAME?']
"""

from relance.messages.merge.check import Known, KnownField, Problem, check, known_tags, missing_footer, review
from relance.messages.merge.grammar import Document, MergeTagError, parse, refs
from relance.messages.merge.render import (
    CannotRender,
    Compiled,
    CouponEmpty,
    NoLineLeft,
    RenderFailed,
    compile_template,
)
from relance.messages.merge.values import Event, Shown, Values, dated, group_key, money
from relance.messages.merge.words import RESERVED, FieldType, Place

__all__ = [
    "RESERVED",
    "CannotRender",
    "Compiled",
    "CouponEmpty",
    "Document",
    "Event",
    "FieldType",
    "Known",
    "KnownField",
    "MergeTagError",
    "NoLineLeft",
    "Place",
    "Problem",
    "RenderFailed",
    "Shown",
    "Values",
    "check",
    "compile_template",
    "dated",
    "group_key",
    "known_tags",
    "missing_footer",
    "money",
    "parse",
    "refs",
    "review",
]
