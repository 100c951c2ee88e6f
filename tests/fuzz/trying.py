"""How much is tried: a little in every run of the tests, the same each time; much in ``make fuzz``.

``EXCLUSION_MAP_FUZZ_TIMES`` multiplies the examples of every test here. Above 1 they are drawn
anew each time, and what failed is kept in ``.hypothesis`` and tried first at the next run.
"""

import os

from hypothesis import HealthCheck, Phase, settings

TIMES = int(os.environ.get("EXCLUSION_MAP_FUZZ_TIMES", "1"))
LONG = TIMES > 1
SLOW = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.function_scoped_fixture,
]


def trying(examples: int, *, shrink: bool = True) -> settings:
    """Return how a test tries so many examples, times what is asked for."""
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    given = settings(
        max_examples=examples * TIMES,
        deadline=None,
        derandomize=not LONG,
        phases=[*phases, Phase.shrink] if shrink else phases,
        suppress_health_check=SLOW,
    )
    return given if LONG else settings(given, database=None)
