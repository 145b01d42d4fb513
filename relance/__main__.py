"""``python -m relance`` and the command ``relance``."""

from __future__ import annotations


def main() -> None:
    from relance.cli.main import run

    run()


if __name__ == "__main__":
    main()
