"""Runs in processes of their own, which may be killed."""

import os
import signal
import time


def in_child(run, *, kill_after=None):
    """Run in a process of its own; its exit status, negative where it was killed."""
    child = os.fork()
    if not child:
        try:
            run()
            os._exit(0)
        except BaseException:  # noqa: BLE001  (whatever it was, the child ends here)
            os._exit(1)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
