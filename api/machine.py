"""What the machine offers, and the database settings that fit it."""

from __future__ import annotations

import os
from pathlib import Path

MIB = 1024 * 1024
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 — measured, never written to


class AddressTaken(Exception):
    """Something else listens where the server should; the message says what to do."""


def memory_bytes() -> int:
    """The memory this process may use: the machine's, or the container's where that is less."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if CGROUP_LIMIT.exists() and (limit := CGROUP_LIMIT.read_text().strip()).isdigit():
        return min(memory, int(limit))
    return memory


def shared_memory_bytes() -> int:
    """How much shared memory the machine offers by file, nothing where it does not."""
    if not SHARED_MEMORY.is_dir():
        return 0
    size = os.statvfs(SHARED_MEMORY)
    return size.f_bsize * size.f_blocks


def fitting_settings() -> dict[str, str]:
    """PostgreSQL settings for a database that shares the machine with the application and its loaders."""
    memory_mib = memory_bytes() // MIB
    cores = os.cpu_count() or 1
    settings = {
        "max_connections": "100",
        "shared_buffers": f"{min(max(memory_mib // 8, 64), 2048)}MB",
        "effective_cache_size": f"{max(memory_mib // 2, 128)}MB",
        "work_mem": f"{min(max(memory_mib // 256, 4), 32)}MB",
        "maintenance_work_mem": f"{min(max(memory_mib // 32, 32), 512)}MB",
        "max_parallel_workers": str(min(cores, 8)),
        "max_parallel_workers_per_gather": str(min(max(cores // 2, 1), 4)),
        "max_parallel_maintenance_workers": str(min(max(cores // 2, 1), 4)),
        "max_wal_size": "2GB",
        "checkpoint_completion_target": "0.9",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "200",
        "jit": "off",
        "timezone": "Asia/Urumqi",
        "log_timezone": "Asia/Urumqi",
        "log_min_duration_statement": "5s",
        "password_encryption": "scram-sha-256",
    }
    if shared_memory_bytes() < 256 * MIB:  # containers give 64 MB, parallel queries want more
        settings["dynamic_shared_memory_type"] = "mmap"
    return settings
