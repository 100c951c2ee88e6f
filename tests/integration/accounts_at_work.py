"""What tests of accounts share: people who join, and several at work at once."""

import threading
from collections.abc import Callable

from exclusion_map.accounts import COMMAND_LINE, Accounts, Actor, Role

EMAIL = "sam@example.org"
PASSWORD = "plum kettle tractor violin"
OTHER = "seven quiet otters juggling"
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.1"


def join(accounts: Accounts, email: str = EMAIL, role: Role = Role.ADMIN) -> Actor:
    secret = accounts.invitations.invite(COMMAND_LINE, email, role)
    name = email.split("@")[0].title()
    return Actor(accounts.invitations.accept(secret, name, PASSWORD), name)


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """Run jobs in threads that start together; return their results, or what they raised."""
    barrier, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = jobs[number]()
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
