"""The engine runs on numpy: nothing heavy is imported until something asks for it."""

import pkgutil
import subprocess
import sys

import exclusion_map.index as package

HEAVY = ("pandas", "geopandas", "shapely", "scipy", "pyarrow")


def test_no_module_of_the_engine_imports_anything_heavy() -> None:
    modules = [f"{package.__name__}.{one.name}" for one in pkgutil.iter_modules(package.__path__)]
    code = (
        f"import sys, importlib; [importlib.import_module(name) for name in {modules!r}]; "
        f"print(','.join(name for name in {HEAVY!r} if name in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""
