"""The README tells the truth about the settings, the folders and the packages."""

import re
import subprocess

from settings import ROOT, Settings

README = (ROOT / "README.md").read_text(encoding="utf-8")


def cells(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_setting_is_listed_with_its_meaning() -> None:
    listed = {row[0].strip("`"): row[2].replace("\\|", "|") for row in cells("Settings")}
    assert listed == {name.upper(): field.description for name, field in Settings.model_fields.items()}


def test_every_folder_is_on_the_map() -> None:
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {line.split("/")[0] for line in kept.splitlines() if "/" in line and not line.startswith(".")}
    section = README.split("## The map of folders\n", 1)[1].split("\n## ", 1)[0]
    mapped = set(re.findall(r"^([a-z]+)/", section, re.M))
    assert mapped == folders


def test_every_package_earns_its_place() -> None:
    listed = {name for row in cells("Packages") for name in re.findall(r"`([^`]+)`", row[0])}
    wanted = set()
    for name in ("run", "gazetteer", "dev", "node"):
        lines = (ROOT / "requirements" / f"{name}.in").read_text().split("\n")
        wanted |= {line.split("[")[0] for line in lines if line and not line.startswith("-")}
    assert listed == wanted | {"htmx.org", "leaflet", "axe-core", "unfurl.js"}


def test_no_lock_file_names_a_download_address() -> None:
    locks = (ROOT / "package-lock.json", ROOT / "tests" / "clients" / "unfurl" / "package-lock.json")
    for path in (*ROOT.glob("requirements/*.txt"), *locks):
        assert "://" not in path.read_text(), path
        assert "--index-url" not in path.read_text(), path
