"""make bench: measure, and write benchmarks/RESULTS.md. Rows that are not measured keep what was seen before."""

from __future__ import annotations

import argparse
import signal
import sys
import time

from benchmarks import results
from benchmarks.figures import Size, told
from benchmarks.rows import ROWS


def main() -> int:
    ap = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    ap.add_argument(
        "names", nargs="*", metavar="NAME", help="rows; without any, all: " + ", ".join(r.name for r in ROWS)
    )
    ap.add_argument("--full", action="store_true", help="the large sizes, which take time and disk")
    ap.add_argument("--toy", action="store_true", help="small sizes, to see whether it runs; nothing is written")
    given = ap.parse_args()
    if unknown := set(given.names) - {row.name for row in ROWS}:
        ap.error(f"there is no row {', '.join(sorted(unknown))}; there are {', '.join(row.name for row in ROWS)}")
    size: Size = "toy" if given.toy else "full" if given.full else "usual"
    failed = []
    for row in ROWS:
        if given.names and row.name not in given.names:
            continue
        where, began = results.environment(), time.monotonic()
        print(f"{row.name}: {row.title}", flush=True)
        try:
            figures = row.measure(size, lambda text: print(f"  … {text}", flush=True))
        except Exception as error:  # the other rows are measured all the same
            failed.append(row.name)
            print(f"  failed: {type(error).__name__}: {error}", flush=True)
            continue
        for figure in figures:
            print(f"  {told(figure)}{f'  [{figure.how}]' if figure.how else ''}", flush=True)
        print(f"  {time.monotonic() - began:.0f} s, load {where['load']} at the start", flush=True)
        if size != "toy":
            results.keep(row, size, where, figures)
            results.SHOWN.write_text(results.show(ROWS))
    return 1 if failed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    sys.exit(main())
