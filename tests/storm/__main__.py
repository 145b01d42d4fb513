"""The long storm: python -m tests.storm --minutes 60 --seed 7"""

from __future__ import annotations

import argparse
import sys

from relance.db.embedded import throwaway_server
from relance.kernel import clock
from tests.storm.storm import Storm, elapsed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    began = clock.monotonic()
    with throwaway_server({"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}) as server:
        tally = Storm(server.conninfo, wanted.seed, workers=wanted.workers).run(wanted.minutes * 60, settle=300)
    sys.stdout.write(f"{tally}\nafter {elapsed(began)}\n")
    sys.exit(1 if tally.faults else 0)


main()
