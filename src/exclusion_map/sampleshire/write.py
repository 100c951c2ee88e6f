"""Write every file of the invented county."""

from pathlib import Path

from exclusion_map.sampleshire.county import draw_county, streams
from exclusion_map.sampleshire.postcodes import draw_postcodes, write_postcodes
from exclusion_map.sampleshire.sites import Planner
from exclusion_map.sampleshire.write_broadband import write_broadband
from exclusion_map.sampleshire.write_census import write_census
from exclusion_map.sampleshire.write_deprivation import write_deprivation
from exclusion_map.sampleshire.write_geography import write_geography
from exclusion_map.sampleshire.write_health import write_pharmacies, write_practices
from exclusion_map.sampleshire.write_jobcentres import write_jobcentres
from exclusion_map.sampleshire.write_libraries import write_libraries
from exclusion_map.sampleshire.write_outcomes import write_outcomes


def write_all(folder: Path, *, seed: int, areas: int) -> None:
    """Draw the county from the seed and write it into a folder."""
    random = streams(seed)
    county = draw_county(random, areas)
    write_geography(folder, county)
    write_census(folder, county)
    write_deprivation(folder, county, random["deprivation"])
    write_broadband(folder, county, random["broadband"])
    write_outcomes(folder, county, random["outcomes"])
    postcodes = draw_postcodes(random["places"], county)
    write_postcodes(folder, county, postcodes)
    planner = Planner(county, postcodes, random["places"], areas)
    write_libraries(folder, planner)
    write_practices(folder, planner)
    write_pharmacies(folder, planner)
    write_jobcentres(folder, planner)
