"""PostgreSQL's settings, all on its command line: no file of the data folder decides how the server runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_MB = 1 << 20

_DEFAULTS = {
    # Only the socket leads in.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    # A small machine with a solid-state disk. A batch is one statement; a second core is for the next one.
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "work_mem": "16MB",
    # Full pages make most of the WAL of random updates; room for it keeps checkpoints apart, time bounds recovery.
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "min_wal_size": "128MB",
    "checkpoint_timeout": "10min",
    # Outbox, inbox and due rows come and go all the time: many small clean-ups instead of few large ones. Looking for
    # them costs a process each time: half of what an idle server takes.
    "autovacuum_naptime": "30s",
    "autovacuum_vacuum_scale_factor": "0.02",
    "autovacuum_vacuum_insert_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.02",
    "autovacuum_vacuum_cost_limit": "1000",
    "timezone": "UTC",
    # A week of files, each overwritten a week later.
    "logging_collector": "on",
    "log_destination": "stderr",
    "log_filename": "postgresql-%a.log",
    "log_file_mode": "0600",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    # No personal data in them: no statement, parameter or detail, and no message of a failed statement, which may quote
    # a value ("invalid input syntax for type date: …"). The client gets that message, and Relance decides about it.
    "log_statement": "none",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def settings(data: Path, logs: Path, sockets: Path, port: int, own: Mapping[str, str]) -> dict[str, str]:
    """Every setting of the server; ``own`` wins over the defaults."""
    return {
        "data_directory": str(data),
        "log_directory": str(logs),
        "unix_socket_directories": str(sockets),
        "port": str(port),
        **_memory(),
        **_DEFAULTS,
        **own,
    }


def _memory() -> dict[str, str]:
    ram = _ram()
    return {
        "shared_buffers": f"{_between(64, ram // 8, 512)}MB",
        "effective_cache_size": f"{_between(128, ram // 2, 16384)}MB",
        "maintenance_work_mem": f"{_between(32, ram // 32, 256)}MB",
    }


def _ram() -> int:
    """Megabytes that this process may use: the machine's, or a container's limit."""
    ram = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        limit = "max"
    return (min(ram, int(limit)) if limit.isdigit() else ram) // _MB


def _between(low: int, value: int, high: int) -> int:
    return max(low, min(value, high))
