from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from exclusion_map.cli import app
from exclusion_map.errors import SettingsError
from exclusion_map.settings import DataSettings, ServiceSettings, read, reference

DOCUMENTED = Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md"


def test_every_setting_is_documented() -> None:
    assert reference() in DOCUMENTED.read_text(encoding="utf-8")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_RAW_DIR", "/somewhere/raw")
    monkeypatch.setenv("EXCLUSION_MAP_PORT", "")
    assert DataSettings().raw_dir == Path("/somewhere/raw")
    assert ServiceSettings().port == 8000


def test_a_setting_out_of_range_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_PORT", "70000")
    with pytest.raises(ValidationError, match="port"):
        ServiceSettings()


def test_the_command_line_prints_settings_and_version() -> None:
    runner = CliRunner()
    assert runner.invoke(app, ["settings"]).output.strip() == reference()
    assert "exclusion-map 0." in runner.invoke(app, ["--version"]).output


def test_the_command_line_names_the_bad_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_PORT", "seventy")
    with pytest.raises(SettingsError, match=r"EXCLUSION_MAP_PORT: found 'seventy'"):
        read(ServiceSettings)
