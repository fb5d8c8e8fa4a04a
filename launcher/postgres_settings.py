"""The embedded server's settings: for a small machine, durable, and silent about what it is told."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

PORT = 5432


# The log must never hold personal data: a constraint's DETAIL line or a bad literal would. So errors are not
# logged (the program that caused one sees it), nor statements, nor parameters.
SETTINGS = """\
# Written by the launcher at every start; edit launcher/postgres_settings.py instead.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = {shared}MB
effective_cache_size = {cache}MB
work_mem = 16MB
maintenance_work_mem = {maintenance}MB
dynamic_shared_memory_type = {dynamic}
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = on
max_wal_size = 4GB
min_wal_size = 256MB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
random_page_cost = 1.1
jit = off
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = none
log_checkpoints = off
log_timezone = 'UTC'
timezone = 'UTC'
"""


def memory_bytes() -> int:
    """Memory this process may use: the machine's, or the control group's where that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            total = min(total, int(Path(limit).read_text(encoding="ascii")))
    return total


def settings(sockets: Path, memory: int) -> str:
    """The server's settings for `memory` bytes: an eighth of it for shared buffers, 512 MB at most."""
    mega = memory // (1024 * 1024)
    return SETTINGS.format(
        port=PORT,
        sockets=str(sockets).replace("'", "''"),
        shared=max(32, min(512, mega // 8)),
        cache=max(128, mega // 3),
        maintenance=max(32, min(256, mega // 32)),
        dynamic=_dynamic_memory(),
    )


def _dynamic_memory() -> str:
    """`posix`, except where /dev/shm is the 64 MB of a container, which parallel plans overflow."""
    try:
        shm = os.statvfs("/dev/shm")  # noqa: S108 - only measured
    except OSError:
        return "posix" if sys.platform == "darwin" else "sysv"
    return "posix" if shm.f_blocks * shm.f_frsize >= 256 * 1024 * 1024 else "sysv"
