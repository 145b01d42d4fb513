"""How soon a segment knows of one contact's change."""

from __future__ import annotations

import hashlib
import json
import time

import psycopg

from benchmarks.figures import Figure, Row, Size, Tell, at
from benchmarks.installation import email, installation
from relance.app import KINDS
from relance.audience import segments
from relance.flows.definition.segment_condition import written_condition
from relance.kernel import clock

SEGMENTS = 20
"""That look at the same field; the change makes the contact join one and leave another."""
PEOPLE = {"toy": 200, "usual": 1_000_000, "full": 1_000_000}
CHANGES = {"toy": 5, "usual": 200, "full": 1000}


def measure(size: Size, tell: Tell) -> list[Figure]:
    people = PEOPLE[size]
    with installation("segment") as here:
        began = time.monotonic()
        here.copy(0, range(1, people), lambda: here.people([0], lambda _: "plan 0"))
        here.run("vacuum analyze")
        tell(f"{people:,} contacts, made in {time.monotonic() - began:.0f} s")
        with here.database.transaction() as tx:
            audience_id = here.audience.audience_id
            made = []
            for n in range(SEGMENTS):
                source, objects = written_condition(tx, audience_id, f"{{field: PLAN, is: plan {n}}}")
                made.append(segments.create(tx, clock.now(), audience_id, f"Plan {n}", source, KINDS.subjects, objects))
        here.start("up")
        here.wait(lambda: not here.ask("select exists (select from segment_task)"), "the segments do not fill")
        tell(f"{SEGMENTS} segments filled, {time.monotonic() - began:.0f} s")
        here.run("vacuum analyze")
        here.wait_until_shared()
        time.sleep(3)
        chosen = [email(1 + n * (people - 1) // CHANGES[size]) for n in range(CHANGES[size])]
        connection, times, answers = here.connection(), [], []
        with psycopg.connect(here.url, autocommit=True) as looking:
            found = "select email, bucket, contact_id from contact where email = any(%s)"
            for n, (who, bucket, contact_id) in enumerate(looking.execute(found, (chosen,)).fetchall()):
                wanted = made[1 + n % (SEGMENTS - 1)].segment_id
                body = json.dumps({"merge_fields": {"PLAN": f"plan {1 + n % (SEGMENTS - 1)}"}})
                went = time.monotonic()
                connection.request(
                    "PATCH", f"{here.members}/{hashlib.md5(who.encode()).hexdigest()}", body, here.headers
                )
                answer = connection.getresponse()
                told = answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"the API answered {answer.status}: {told[:200]!r}")
                answers.append(time.monotonic() - went)
                while not looking.execute(
                    "select true from segment_member where bucket = %s and contact_id = %s and segment_id = %s",
                    (bucket, contact_id, wanted),
                ).fetchone():
                    if time.monotonic() - went > 30:
                        raise RuntimeError("the contact did not join")
                    time.sleep(0.001)
                times.append(time.monotonic() - went)
                time.sleep(0.05)
    return [
        Figure("p99", at(sorted(times), 0.99), "s", 0.1, 0.02, how=f"{len(times)} changes at {people:,} contacts"),
        Figure("median", at(sorted(times), 0.5), "s"),
        Figure("the API's answer, median", at(sorted(answers), 0.5) * 1000, "ms"),
    ]


SEGMENT = Row(
    "segment",
    "A segment learns of one contact's change",
    f"`relance up`, a field changed by `PATCH /3.0/lists/…/members/…`; {SEGMENTS} segments look at it, the contact leaves one "
    "and joins another. Until another connection sees the membership. The contacts are copies, in SQL, of the rows that an "
    "import leaves of one.",
    measure,
)
