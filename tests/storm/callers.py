"""The shop's own program: signs people up and tells of events over HTTP, and repeats whatever it has no answer for."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.storm.shop import Shop

PATIENCE = 15.0


@dataclass
class Told:
    """What was acknowledged in the end. ``events``: number → (name, person)."""

    people: list[str] = field(default_factory=list)
    events: dict[int, tuple[str, str]] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    faults: list[str] = field(default_factory=list)


class Caller(threading.Thread):
    """One of several at a time. Goes on until ``stop``, and then until its last call is answered."""

    def __init__(
        self, place: int, seed: int, shop: Shop, urls: Sequence[str], told: Told, stop: threading.Event
    ) -> None:
        super().__init__(name=f"caller {place}", daemon=True)
        self._place, self._random = place, random.Random(f"{seed} {place}")
        self._shop, self._urls, self._told, self._stop_it = shop, urls, told, stop
        self._numbers = itertools.count(place, 1000)
        self._mine: list[str] = []

    def run(self) -> None:
        with httpx.Client(timeout=PATIENCE, auth=("storm", self._shop.key)) as http:
            self._http = http
            while not self._stop_it.is_set():
                self._sign_up()
                self._move_on()
                time.sleep(self._random.uniform(0, 0.3))

    def _sign_up(self) -> None:
        start = len(self._mine)
        group = [f"p{self._place}.{start + n}@example.com" for n in range(self._random.randint(1, 25))]
        members = [
            {
                "email_address": email,
                "status": "subscribed",
                "merge_fields": {"FNAME": self._random.choice(["Ana", "Ben", "Chloé"])},
            }
            for email in group
        ]
        self._call(f"/3.0/lists/{self._shop.list_id}", {"members": members, "update_existing": True})
        self._mine += group
        self._told.people += group
        self._tell([("go", email) for email in group])

    def _move_on(self) -> None:
        lately = self._mine[-200:]
        some = self._random.sample(lately, min(len(lately), self._random.randint(1, 12)))
        names = self._random.choices(["on_we_go", "paid", "left"], [12, 2, 1], k=len(some))
        self._tell(list(zip(names, some, strict=True)))

    def _tell(self, events: Sequence[tuple[str, str]]) -> None:
        """Each event has a key of its own, so that repeating it does nothing."""
        numbered = {next(self._numbers): each for each in events}
        body = [
            {"contact": email, "name": name, "key": f"storm {number}", "properties": {"n": number}}
            for number, (name, email) in numbered.items()
        ]
        for _ in range(self._random.choice([1, 1, 1, 2])):  # a caller that is not sure, although it has its answer
            answer = self._call("/api/events", {"events": body})
            if answer["errors"] or answer["accepted"] + answer["duplicates"] != len(body):
                self._told.faults.append(f"events were answered {answer}")
        self._told.events.update(numbered)

    def _call(self, path: str, body: Any) -> Any:
        """Until it is answered, by whichever process answers."""
        for attempt in itertools.count():
            self._told.repeated += attempt > 0
            try:
                answer = self._http.post(self._random.choice(self._urls) + path, json=body)
            except httpx.HTTPError as error:
                self._told.answers[type(error).__name__] += 1
                time.sleep(0.2)
                continue
            self._told.answers[str(answer.status_code)] += 1
            if answer.status_code == 200:
                return answer.json()
            if answer.status_code != 503 or "retry-after" not in answer.headers or not answer.json().get("detail"):
                self._told.faults.append(f"{path} was answered {answer.status_code}: {answer.text[:300]}")
            time.sleep(0.5)
        return None
