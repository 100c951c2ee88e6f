"""An order to stop that comes while processes begin reaches every one of them."""

import os
import signal
import subprocess
import sys

PROGRAM = """
import os, signal, sys, time
from api import workers

real, parent = os.fork, os.getpid()

def fork():
    pid = real()
    if {who} and forks.append(1) is None and len(forks) == {at}:
        os.kill({target}, signal.SIGTERM)
    if not pid:
        time.sleep({rest})
    return pid

forks = []
os.fork = fork
sys.exit(workers.run_workers(3, lambda: time.sleep(60), stop_s=20))
"""
ENDS_S = 15


def _ends(**holes: object) -> int:
    """Run three workers, one fork of which is met by an order; return the status."""
    program = PROGRAM.format(**holes)
    with subprocess.Popen([sys.executable, "-c", program], env=os.environ) as process:
        try:
            return process.wait(ENDS_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def test_an_order_between_two_forks() -> None:
    for at in (1, 2, 3):
        assert _ends(who="pid", at=at, target="parent", rest=0) == 0


def test_an_order_before_a_process_hears() -> None:
    """The first steps of a new process have the handlers of the one above."""
    held = "signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, ())"
    program = PROGRAM.format(who="False", at=0, target=0, rest=0).replace(
        "    return pid\n", f"    assert {held}\n    return pid\n", 1
    )
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) as process:
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=ENDS_S)
    assert process.returncode == 0, told.decode()
