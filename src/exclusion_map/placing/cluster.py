"""Parts on the workers of a Dask cluster, which see the same folders as this machine."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import exclusion_map
from exclusion_map.errors import ExclusionMapError, InvalidRequestError
from exclusion_map.placing.order import Part, PartDone, Task
from exclusion_map.placing.work import place_part

RETRIES: Final = 3
_WAIT_S: Final = 20


def run_on_cluster(
    address: str,
    task: Task,
    parts: Iterable[Part],
    done: Callable[[PartDone], None],
    on_rows: Callable[[int], None],
) -> None:
    """Place parts on a cluster; a part whose worker dies is given to another.

    Args:
        address: of the scheduler, such as ``tcp://10.0.0.5:8786``.
        task: what to do; its folders are there on every worker.
        parts: that are to be done.
        done: told of each part that is done.
        on_rows: told how many rows each part had.

    Raises:
        InvalidRequestError: the cluster cannot be reached, its workers have another version, or do
            not see the folders.
        ExclusionMapError: what a worker found wrong with the input.
    """
    import distributed

    as_completed: Any = distributed.as_completed
    with _connected(address) as client:
        _check(client, task)
        futures = [
            # Not pure: a run after this one may have other files under the same names.
            client.submit(_placed, task, part, pure=False, retries=RETRIES, key=_key(part))
            for part in parts
        ]
        for future in as_completed(futures, loop=client.loop):
            result = _result(future)
            done(result)
            on_rows(result.rows)
            future.release()


def _placed(task: Task, part: Part) -> PartDone | tuple[str, str, str, str]:
    """Place a part on a worker; what is wrong with the input comes back as text: no new try."""
    try:
        return place_part(task, part)
    except InvalidRequestError as error:
        return error.thing, error.found, error.expected, error.mend


def _result(future: Any) -> PartDone:
    from distributed import KilledWorker

    try:
        result = future.result()
    except ExclusionMapError:
        raise
    except (KilledWorker, OSError) as error:
        raise InvalidRequestError(
            "cluster",
            found=f"workers that ended again and again ({type(error).__name__})",
            expected="workers with enough memory to keep running",
            mend="Check their logs, then run the same command again: finished parts are kept.",
        ) from None
    if isinstance(result, PartDone):
        return result
    thing, found, expected, mend = result
    raise InvalidRequestError(thing, found=found, expected=expected, mend=mend)


def _key(part: Part) -> str:
    import uuid

    return f"place-{part.number:06d}-{uuid.uuid4().hex[:8]}"


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    try:
        import distributed
    except ImportError:
        raise InvalidRequestError(
            "placing on a cluster",
            found="no dask.distributed",
            expected="the extra 'scale'",
            mend="Install it: pip install 'exclusion-map[scale]'",
        ) from None
    try:
        connect: Any = distributed.Client
        client = connect(address, timeout=_WAIT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise InvalidRequestError(
            f"cluster {address}",
            found=f"no scheduler that answers ({type(error).__name__})",
            expected="the address of one, such as tcp://10.0.0.5:8786",
        ) from None
    with client:
        yield client


def _check(client: Any, task: Task) -> None:
    """Refuse a cluster whose workers would fail at every part.

    Raises:
        InvalidRequestError: saying what they lack.
    """
    try:
        client.wait_for_workers(1, timeout=_WAIT_S)
    except TimeoutError:
        raise InvalidRequestError(
            "cluster", found="no workers", expected="at least one", mend="Start workers."
        ) from None
    for worker, told in client.run(_look, task, on_error="return").items():
        if isinstance(told, BaseException):
            told = f"without this package ({told})"
        if told != exclusion_map.__version__:
            raise InvalidRequestError(
                f"worker {worker}",
                found=told,
                expected=f"version {exclusion_map.__version__}, and the same folders as here",
                mend="Put editions, grid, input and output on a path that all machines share.",
            )


def _look(task: Task) -> str:
    """Return the version of a worker, or what it cannot see."""
    for folder in (task.edition, task.parts, task.grid):
        if folder is not None and not folder.is_dir():
            return f"no folder {folder}"
    return exclusion_map.__version__
