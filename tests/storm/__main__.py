"""The long storm: python -m tests.storm --minutes 60 --seed 7"""

from __future__ import annotations

import argparse
import signal
import sys

from tests.storm.storm import storm


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--webs", type=int, default=2)
    parser.add_argument("--short", action="store_true", help="as in the tests: gusts follow closely, and none lasts")
    wanted = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nothing is left behind
    tally = storm(
        wanted.seed, wanted.minutes * 60, workers=wanted.workers, webs=wanted.webs, short=wanted.short, settle=600
    )
    sys.stdout.write(f"{tally}\n")
    sys.exit(1 if tally.faults else 0)


main()
