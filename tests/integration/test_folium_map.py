from pathlib import Path

import pyarrow.parquet as pq
import pytest

from exclusion_map.errors import NotFoundError
from exclusion_map.maps.choropleth import risk_map
from exclusion_map.maps.palette import DECILE_COLOURS


def test_a_council_is_drawn_with_its_small_areas(sample_edition: Path) -> None:
    areas = pq.read_table(
        sample_edition / "areas.parquet", columns=["code", "label", "local_authority_code"]
    ).to_pandas()
    council = areas["local_authority_code"].iloc[0]
    mine = areas[areas["local_authority_code"] == council]
    page = risk_map(sample_edition, council).get_root().render()
    assert all(label.replace("'", "\\u0027") in page or label in page for label in mine["label"])
    assert "tenth 1" in page
    assert any(colour in page for colour in DECILE_COLOURS)


def test_an_unknown_place_is_refused(sample_edition: Path) -> None:
    with pytest.raises(NotFoundError, match="area 'E99999999'"):
        risk_map(sample_edition, "E99999999")
