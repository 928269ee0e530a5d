"""How many files, sockets among them, a process may have open."""

import resource

_REASON = 65_536


def allow_open_files() -> None:
    """Let this process, and those it starts, have as many files open as the system allows, within reason.

    Many systems allow 1,024 at first, for programs that handle no larger numbers (`select`); this one does.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _REASON if hard == resource.RLIM_INFINITY else min(hard, _REASON)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
