"""What keeps a flow from going live, in the person's language.

The checks (flows/definition/check.py) speak English, as the command line does. Here is every sentence they say, with
its values named, so that a catalogue can hold its twin; tests/house/test_told_problems.py holds the two together. A
sentence that is not here is shown as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from relance.flows.definition.durations import parse_length
from relance.flows.definition.problems import Problem
from relance.web.flows.words import STATES
from relance.web.language import Speaker, mark

CHECKS = (
    mark("the flow has no trigger"),
    mark("Add one, such as manual."),
    mark("%(n)s triggers, at most %(most)s are allowed"),
    mark("Take some out."),
    mark("there is no trigger kind %(kind)s"),
    mark("%(kind)s stands twice"),
    mark("%(kind)s stands twice with the same settings"),
    mark("Take one out."),
    mark("%(kind)s cannot stand beside %(other)s"),
    mark("Make two flows of them."),
    mark("the flow has no step"),
    mark("Add one, such as send_email."),
    mark("%(n)s steps, at most %(most)s are allowed"),
    mark("Make two flows of it."),
    mark("%(n)s wait_for_trigger steps, at most %(most)s are allowed"),
    mark("steps have ids of their own, and one of them is the first"),
    mark("steps lead in a circle: %(steps)s"),
    mark("Let people re-enter."),
    mark("nothing leads here"),
    mark("Connect it."),
    mark("%(way)s leads to no step"),
    mark("there is no way %(way)s out of it"),
    mark("there is no step kind %(kind)s"),
    mark("a flow with %(trigger)s cannot have %(step)s"),
    mark("Take one of them out."),
    mark("a flow with %(trigger)s sends no marketing email"),
    mark("Take it out, or give it the class transactional if it is no marketing."),
    mark("a delay lasts %(shortest)s to %(longest)s"),
    mark("a time-out lasts %(shortest)s to %(longest)s"),
    mark("%(what)s lasts %(shortest)s to %(longest)s"),
    mark("%(n)s ways, at most %(most)s are allowed"),
    mark("the shares add up to %(sum)s, not to 100"),
    mark("Shares are per cent."),
    mark("the best way is found by conversion, and the flow has no goal"),
    mark("Set a goal."),
    mark("it waits for nothing"),
    mark("it waits for an event and a condition"),
    mark("Name one event or one condition."),
    mark("it has no time-out: people may wait until the run is too old"),
    mark("Add one, such as up_to: 7 days."),
    mark("a look-back is at most %(most)s days"),
    mark("it waits for no moment"),
    mark("it waits for one moment, not for %(n)s"),
    mark("Name a time, a date, a field or an event_date."),
    mark("Keep one of them."),
    mark("%(date)s is no date"),
    mark("Write 2026-06-01 or 2026-06-01 18:00."),
    mark("%(setting)s does not go with %(other)s"),
    mark("Take it out."),
    mark("%(kind)s cannot be waited for"),
    mark("Use a trigger that an event wakes."),
    mark("it names neither an event nor a condition, or both"),
    mark("a goal counts for 1 to 90 days"),
    mark("the wait is 5 minutes to 365 days"),
    mark("it is 1 to 1,200 days"),
    mark("it is 0 to 365 days"),
    mark("0 means never."),
    mark("no trigger of the flow has occurrences to tell apart"),
    mark("Take it out, or listen to an event_api."),
    mark("a release rate is 1 to 1,000,000 runs a minute"),
    mark("a hold-out is 0 to 50 per cent"),
    mark("a flow with transactional emails holds nobody out"),
    mark("Take it out: people are due those emails."),
    mark("several marketing emails, and nothing ends the flow early"),
    mark("Set an exit_condition or a goal."),
    mark("it asks about the email %(email)s less than 4 hours after it"),
    mark("Put a longer delay between."),
    mark("the tag it names is not there"),
    mark("the field it names is not there"),
    mark("the group it names is not there"),
    mark("the email it names is not there"),
    mark("the %(kind)s it names is not there"),
    mark("Choose another one."),
    mark("%(field)s is a field of type %(type)s, and a %(wanted)s field is needed"),
    mark("Choose another field."),
    mark("the email %(email)s has no link %(link)s"),
    mark("Use a link as it stands in the email."),
    mark("the condition is empty"),
    mark("Add a test."),
    mark("the email has no subject"),
    mark("Write one."),
    mark("the email has no HTML"),
    mark("Write it, or name a file."),
    mark("the email has no sender address"),
    mark("Give the audience a sender, or the email a from_email."),
    mark("%(setting)s %(value)s is no email address"),
    mark("Write one such as hello@example.com."),
    mark("a marketing email needs a postal address"),
    mark("Give the audience its postal address."),
    mark("%(n)s tests, at most %(most)s are allowed here"),
    mark("groups are nested %(n)s deep, at most %(most)s are allowed"),
    mark("Flatten them."),
    mark("there is no field %(id)s in this audience"),
    mark("there is no tag %(id)s in this audience"),
    mark("there is no email %(id)s in this audience"),
    mark("there is no group %(id)s in the category %(category)s"),
    mark("Choose another one, or take the test out."),
    mark("the field has no option %(value)s"),
    mark("Choose one of its options."),
    mark("%(setting)s is not set"),
    mark("Give one, or use field_rule to hear of blanks."),
    mark("the value does not fit %(field)s"),
    mark("Say which number is crossed."),
    mark("%(field)s is a field of type %(type)s"),
    mark("Only a number crosses another."),
    mark("Give both values; blanks have rules of their own."),
    mark("%(setting)s does not fit %(field)s"),
    mark("%(n)s weeks, at most %(most)s are allowed"),
    mark("Count in days, up to 365."),
    mark("every day has no on"),
    mark("Take it out, or write every: week."),
    mark("a week has weekdays"),
    mark("Write for example on: [mon, thu]."),
    mark("a month has days"),
    mark("Write for example on: [1, 15] or on: last."),
    mark("Say on which days."),
    mark("it is 1 to 9"),
    mark("1 sends first."),
    mark("too late is 1 minute to 365 days"),
    mark("a window has hours or one time of day, not both"),
    mark("the hours %(hours)s begin and end at once"),
    mark('Write for example "09:00-18:00".'),
    mark("neither flow nor name is set"),
    mark("Say whose goal, or which."),
    mark("it stops nothing"),
    mark("it names a flow and stops others"),
    mark("Name a flow, or write this or all others."),
    mark("a flow cannot start itself"),
    mark("%(flow)s starts this flow in turn"),
    mark("A chain of flows ends at its fifth link."),
)
"""Of the flow, its triggers, steps, settings, emails and conditions."""

LIFE = (
    mark("people are inside a branch that is gone: %(n)s"),
    mark("Say where they go on: after_join, other_branch or exit."),
    mark("late is 0 to 1,200 days"),
    mark("Write a number of days."),
    mark("nobody is inside a flow that is %(state)s"),
    mark("the audience it belongs to is not there"),
    mark("Archive the flow."),
    mark("there is no draft to publish"),
    mark("Change the flow first."),
    mark("the objective is changed while the flow is paused"),
    mark("Pause it first."),
    mark("an archived flow is final"),
    mark("Duplicate it instead."),
    mark("a flow without steps cannot be published"),
    mark("a flow that is %(state)s cannot become %(other)s"),
)
"""Of relance/flows/life.py."""

CALLS = (
    mark("a value goes to a field or to a key"),
    mark("Write {path: PATH, field: TAG} or {…, key: WORD}."),
    mark("%(url)s is no address of a webhook"),
    mark("Write https://shop.example.com/hook"),
    mark("the address holds a password"),
    mark("Use a header: Authorization: Basic {secret:NAME}."),
    mark("a public address is called by https"),
    mark("Write https://"),
    mark("%(name)s is no header"),
    mark("Use plain letters."),
    mark("%(name)s is set by Relance"),
    mark("the body does not come out as JSON"),
    mark('Put tags in quotes, as in {"name": "*|FNAME|*"}; a number needs a default: *|POINTS:0|*.'),
)
"""Of relance/flows/definition/check_calls.py."""

TEAM = (mark("nobody whom it tells belongs to the account"), mark("Choose a colleague."))
"""Of what names colleagues (check_messages.py)."""

MERGE_TAGS = (
    mark("%(tag)s is not a known tag."),
    mark("%(tag)s: %(scope)s has no %(name)s."),
    mark("%(tag)s is not written as a tag."),
    mark("This tag is not closed with |*."),
    mark("This tag is empty."),
    mark("%(tag)s: a tag takes one of HTML, URL, UPPER, LOWER, TITLE."),
    mark("%(tag)s: a date needs a format, as in DATE:d/m/Y."),
    mark("%(tag)s: a coupon takes no default."),
    mark("%(tag)s stands outside a block ABANDONED_CART or ORDER_LINES. TRIGGER:PRODUCT: may stand anywhere."),
    mark('%(tag)s: write a test as IF:FNAME or IF:FNAME="Ana".'),
    mark("%(tag)s: write INTERESTED:category:group, with commas between groups."),
    mark("%(tag)s: a block shows 1 to 50 lines."),
    mark("%(tag)s: a block of lines cannot hold another block of lines."),
    mark("%(tag)s: blocks may be nested %(depth)s deep."),
    mark("%(tag)s has no block to belong to."),
    mark("%(tag)s closes %(open)s, which was opened at %(place)s."),
    mark("%(tag)s comes after ELSE: of the same block."),
    mark("%(tag)s is never closed. Add *|END:%(word)s|*."),
    mark(
        "%(tag)s: the ways of this block end at different places of the HTML (inside and outside a tag or attribute)."
    ),
    mark("%(tag)s is empty for contacts without a value. Add a default, as in *|%(ref)s:there|*."),
    mark("%(tag)s: the audience has no group category %(name)s."),
    mark("%(tag)s: the category %(category)s has no group %(name)s."),
    mark("%(tag)s: < and > need a number or a date; %(ref)s is neither."),
    mark("%(tag)s: %(literal)s is not a number."),
    mark("%(tag)s: %(literal)s is not a date. Write dates as 2026-03-31."),
    mark("%(tag)s: %(literal)s is not a day. Write birthdays as MM/DD."),
    mark("%(tag)s is never true: an empty value equals nothing. To ask for no value write IFNOT:%(ref)s."),
    mark("%(tag)s asks whether %(ref)s was answered. To ask for yes write IF:%(ref)s=yes."),
    mark("%(tag)s prints nothing: there is no reward programme."),
    mark("%(tag)s prints nothing here: it stands inside a script, a tag's name or an event attribute."),
    mark("%(tag)s: not every trigger of this flow is about a cart."),
    mark("%(tag)s: not every trigger of this flow is about an order."),
    mark("%(tag)s: not every trigger of this flow has an event with properties. Add a default."),
    mark("%(tag)s: no step calls a webhook that fills this value. Add a default."),
    mark("%(tag)s: this message has no survey."),
    mark("%(tag)s: not every trigger of this flow carries %(name)s. Add a default."),
    mark("%(tag)s: there is no coupon pool %(name)s."),
    mark("A marketing email needs *|UNSUB|* where everybody sees it."),
    mark("A marketing email needs *|LIST:ADDRESS|* where everybody sees it."),
)
"""Of relance/messages/merge/texts.py."""

PLACES = {
    "filter": mark("filter"),
    "subject": mark("subject"),
    "preview": mark("preview"),
    "text": mark("text"),
    "entry_filter": mark("entry filter"),
    "exit_condition": mark("exit condition"),
    "goal": mark("goal"),
    "re_entry": mark("re-entry"),
    "max_run_age": mark("longest run"),
    "continue_only_if": mark("condition to go on"),
    "priority": mark("priority"),
    "window": mark("send window"),
    "quiet_alert": mark("alert when nobody enters"),
    "holdout": mark("hold-out"),
    "objective": mark("objective"),
    "release_rate": mark("release rate"),
    "one_run_per": mark("one run per"),
}

_DID_YOU_MEAN = re.compile(r"(.+) Did you mean (.+)\?", re.DOTALL)
_VALUE = re.compile(r"%\((\w+)\)s")
_POINT = re.compile(r"(step|trigger) (\d+) \((.*?)\)(?:, (.*))?", re.DOTALL)
_WAY = re.compile(r"way (\d+)")


def told(speaker: Speaker, problem: Problem) -> str:
    """Code, place, what is wrong and how to mend it, as one line."""
    code = problem.code if problem.code.startswith("V") else ""
    place = _place(speaker, problem.where) if problem.where else ""
    sentences = [_sentence(translated(speaker, text)) for text in (problem.what, problem.mend) if text]
    colon = " : " if speaker.language == "fr" else ": "
    return speaker.fine(colon.join((*filter(None, (code, place)), " ".join(sentences))))


def translated(speaker: Speaker, text: str) -> str:
    """A sentence of a check in the speaker's language."""
    for template, pattern in _patterns():
        if match := pattern.fullmatch(text):
            values = {name: _value(speaker, value) for name, value in match.groupdict().items()}
            return speaker.say(template, **values)
    if match := _DID_YOU_MEAN.fullmatch(text):
        asked = speaker.say("Did you mean %(name)s?", name=match[2])
        return f"{translated(speaker, match[1])} {asked}"
    return text


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Those with the most words of their own first: "%(n)s is not set" would take much for its value."""
    found = []
    for template in (*CHECKS, *LIFE, *CALLS, *TEAM, *MERGE_TAGS):
        parts = _VALUE.split(template)
        texts = [re.escape(part) for part in parts[::2]]
        values = [
            f"(?P={name})" if name in parts[1:n:2] else f"(?P<{name}>.+?)" for n, name in enumerate(parts) if n % 2
        ]
        told = "".join(text + value for text, value in zip(texts, [*values, ""], strict=True))
        found.append((sum(map(len, parts[::2])), template, re.compile(told, re.DOTALL)))
    return [(template, pattern) for _, template, pattern in sorted(found, key=lambda each: -each[0])]


def _value(speaker: Speaker, value: str) -> str:
    """Lengths and states are told in words; names and numbers as they are."""
    if value in STATES:
        return speaker.say(STATES[value].word).lower()
    found = parse_length(value)
    return speaker.length(*found) if found else value


def _place(speaker: Speaker, where: str) -> str:
    match = _POINT.fullmatch(where)
    if not match:
        return _part(speaker, where)
    n, what = match[2], match[3]
    point = (
        speaker.say("step %(n)s (%(what)s)", n=n, what=what)
        if match[1] == "step"
        else speaker.say("trigger %(n)s (%(what)s)", n=n, what=what)
    )
    rest = [_part(speaker, part) for part in (match[4] or "").split(", ") if part]
    return ", ".join((point, *rest))


def _part(speaker: Speaker, part: str) -> str:
    if match := _WAY.fullmatch(part):
        return speaker.say("way %(n)s", n=match[1])
    word, _, spot = part.partition(" ")
    return " ".join(filter(None, (speaker.say(PLACES[word]) if word in PLACES else word, spot)))


def _sentence(text: str) -> str:
    stop = "" if text.endswith((".", "?", "!")) else "."
    return f"{text[:1].upper()}{text[1:]}{stop}"
