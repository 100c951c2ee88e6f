"""What the national edition holds, for tests of what follows from it."""

from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def national_tidy(national_edition: Path) -> pd.DataFrame:
    """Return the indicators of the small areas, in the order of their codes.

    ``test_indicators_national`` works them out from the raw files; nobody else needs to do it anew.
    """
    return pd.read_parquet(national_edition / "indicators.parquet")
