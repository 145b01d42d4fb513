"""The condition language (spec/flows.md section 7): one language for segments, filters, if/else, waits and exits.

check(source, subjects, catalogue)              what is wrong with it, for people
compile_condition(source, subjects, catalogue)  SQL shared by its form, constants, what it listens to
search(tx, cache, statement, ids, …)            rows of a statement that asks conditions itself
store(tx, audience_id, source, compiled)        its id, for subscriptions and steps
evaluate(tx, cache, pairs, now)                 many contacts and many conditions in one statement
turns(tx, cache, pairs, now)                    when the answers may change by themselves
human(source, names, language)                  a sentence
"""

from relance.audience.conditions.cache import CompiledCache
from relance.audience.conditions.check import check
from relance.audience.conditions.compile import compile_condition
from relance.audience.conditions.evaluate import evaluate, search, turns
from relance.audience.conditions.human import human
from relance.audience.conditions.model import Catalogue, Compiled, FieldShape, Limits, Objects, Pair, Problem, Verdict
from relance.audience.conditions.parse import parse
from relance.audience.conditions.registry import Subjects
from relance.audience.conditions.shapes import compose, compose_asks_contact, compose_seen, compose_turns
from relance.audience.conditions.store import read_catalogue, store
from relance.audience.conditions.subjects import SUBJECTS

__all__ = [
    "SUBJECTS", "Catalogue", "Compiled", "CompiledCache", "FieldShape", "Limits", "Objects", "Pair", "Problem",
    "Subjects", "Verdict", "check", "compile_condition", "compose", "compose_asks_contact", "compose_seen",
    "compose_turns", "evaluate", "human", "parse", "read_catalogue", "search", "store", "turns",
]  # fmt: skip
