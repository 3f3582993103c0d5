"""What a workspace may reach is said by a file outside every workspace: folders, hosts of databases, options of the
engine, keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from headwater.app import mapping, planning, reading
from headwater.app.place import Place
from headwater.app.valuing import price_book
from headwater.domain.errors import HeadwaterError, Usage
from headwater.domain.workspace import EngineSettings, SourceSettings, Workspace
from headwater.governance import key_file
from headwater.sources.databases import opened
from headwater.store.engine import open_engine
from headwater.store.site import may_ask, may_run, reached, site

if TYPE_CHECKING:
    from collections.abc import Callable

CONTACTS = "contact,record,agency,service,kind,start\n1,1,a,s1,ae_attendance,2023-01-01\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace, a folder beside it with a file that fits, and no word from the administrator yet."""
    monkeypatch.setenv("HEADWATER_SITE", str(tmp_path / "site.toml"))
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    for folder in ("place/data", "beside"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "place" / "data" / "c.csv").write_text(CONTACTS)
    (tmp_path / "beside" / "c.csv").write_text(CONTACTS)
    return tmp_path / "place"


def said(root: Path, words: str) -> None:
    root.with_name("site.toml").write_text(words)


def source(root: Path, files: str, more: str = "") -> Place:
    (root / "headwater.toml").write_text(f"place = 'X'\n[[source]]\ntable = 'contact'\nfiles = '{files}'\n{more}\n")
    return Place(root)


OUTSIDE: dict[str, Callable[[Path], str]] = {
    "a whole path": lambda root: "/etc/passwd",
    "a folder beside it": lambda root: str(root.with_name("beside")),
    "a file beside it": lambda root: str(root.with_name("beside") / "c.csv"),
    "upwards": lambda root: "../beside/c.csv",
    "down and upwards": lambda root: "data/../../beside/c.csv",
    "a pattern": lambda root: str(root.with_name("beside") / "*.csv"),
    "a pattern that goes upwards": lambda root: "d*/../../beside/*.csv",
    "a link": lambda root: linked(root, "data/linked.csv", root.with_name("beside") / "c.csv"),
    "a link to a folder": lambda root: linked(root, "data/folder", root.with_name("beside")) + "/*.csv",
    "a link in a folder": lambda root: linked(root, "data/linked.csv", root.with_name("beside") / "c.csv") and "data",
}


def linked(root: Path, name: str, to: Path) -> str:
    (root / name).symlink_to(to)
    return name


@pytest.mark.parametrize("way", OUTSIDE)
@pytest.mark.parametrize("door", [reading.load, reading.check])
def test_a_file_outside_the_workspace_is_read_by_no_door(root: Path, way: str, door: Callable[[Place], object]) -> None:
    place = source(root, OUTSIDE[way](root))
    with pytest.raises(HeadwaterError, match="outside the workspace"):
        door(place)


def test_a_folder_that_the_administrator_names_is_read(root: Path) -> None:
    said(root, f'data_roots = ["{root.with_name("beside").as_posix()}"]')
    place = source(root, str(root.with_name("beside") / "c.csv"))
    assert [one.kept for one in reading.load(place).value] == [1]


@pytest.mark.parametrize(
    "more",
    [
        "header_file = '/etc/hostname'",
        "header_file = '../beside/c.csv'",
        "join = {file = '../beside/c.csv', on = ['contact']}",
    ],
)
def test_headings_and_joined_files_lie_inside_as_well(root: Path, more: str) -> None:
    with pytest.raises(HeadwaterError, match=r"outside the workspace|no such file"):
        reading.load(source(root, "data/c.csv", more))


def test_price_tables_lie_inside_as_well(root: Path) -> None:
    place = source(root, "data/c.csv")
    place.workspace.settings.write_text("prices = ['/etc/passwd']\n" + place.workspace.settings.read_text())
    with pytest.raises(Usage, match="outside the workspace"):
        price_book(Place(root))


def test_pages_write_nothing_of_the_site(root: Path) -> None:
    """Whatever stands in headwater.toml, the file of the site is another."""
    place = source(root, "data/c.csv")
    with pytest.raises(Usage, match="data_roots"):
        planning.save_text(place, "", 'place = "X"\ndata_roots = ["/"]\n')
    with pytest.raises(HeadwaterError):
        mapping.data_file(place, "../site.toml")
    assert not root.with_name("site.toml").exists()


ADDRESSES = {
    "postgresql://reader@localhost/records": True,
    "postgresql://reader:secret@127.0.0.1:5433/records": True,
    "postgresql:///records": True,
    "postgresql://[::1]:5432/records": True,
    "postgresql:///records?host=/var/run/postgresql": True,
    "postgresql://records.example.nhs/a": False,
    "postgresql://reader:secret@attacker.example/a": False,
    "postgresql://localhost,attacker.example/a": False,
    "postgresql://localhost@attacker.example/a": False,
    "postgresql://localhost/a?host=attacker.example": False,
    "postgresql://localhost/a?HOSTADDR=203.0.113.9": False,
    "postgresql://localhost/a?service=other": False,
    "postgresql://localhost/a?passfile=/etc/passwd": False,
    "mssql://attacker.example/a": False,
    "mssql://localhost?server=attacker.example": False,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_password_goes_to_hosts_that_were_named_and_to_no_other(root: Path, address: str) -> None:
    if ADDRESSES[address]:
        may_ask(address)
        return
    with pytest.raises(Usage) as refused:
        may_ask(address)
    assert "secret" not in str(refused.value)
    with pytest.raises(Usage), opened(SourceSettings("contact", address, query="t")):
        pass


def test_a_host_that_the_administrator_names_is_asked(root: Path) -> None:
    said(root, 'database_hosts = ["Records.example.nhs"]')
    may_ask("postgresql://reader@records.EXAMPLE.nhs:5432/a")
    with pytest.raises(Usage):
        may_ask("postgresql://reader@records.example.nhs.attacker.example/a")


OPTIONS = {
    ("spark.sql.shuffle.partitions", "8"): True,
    ("spark.master", "local[4]"): True,
    ("spark.master", "spark://attacker.example:7077"): False,
    ("spark.jars", "/tmp/x.jar"): False,
    ("spark.driver.extraJavaOptions", "-agentlib:x"): False,
    ("spark.pyspark.python", "/tmp/python"): False,
    ("custom_extension_repository", "http://attacker.example"): False,
}


@pytest.mark.parametrize("option", OPTIONS)
def test_options_of_the_engine_are_sizes_unless_the_administrator_names_them(
    root: Path, option: tuple[str, str]
) -> None:
    settings = EngineSettings("spark", options=dict([option]))
    if OPTIONS[option]:
        may_run(settings)
        return
    with pytest.raises(Usage, match="may not set"):
        open_engine(settings, root)
    said(root, f'engine_options = ["{option[0]}"]')
    may_run(settings)


def test_keys_are_kept_where_the_administrator_says(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADWATER_KEY_FILE")
    said(root, f'key_folder = "{root.with_name("keys").as_posix()}"')
    assert key_file(Workspace(root)).parent == root.with_name("keys")


@pytest.mark.parametrize(
    "words",
    ["data_roots = 7", "data_roots = ['relative']", "roots = []", "= x", "database_hosts = [7]", "key_folder = []"],
)
def test_a_site_file_that_does_not_read_allows_nothing(root: Path, words: str) -> None:
    said(root, words)
    with pytest.raises(Usage, match="cannot be read"):
        site()
    with pytest.raises(Usage):
        reached(root, root.with_name("beside"))
    assert reached(root, "data/c.csv") == root / "data/c.csv"


@pytest.mark.skipif(os.name == "nt", reason="a path as POSIX writes it")
@pytest.mark.parametrize("named", ["a\x00b", "x" * 9000])
def test_a_path_that_is_none_is_a_sentence(root: Path, named: str) -> None:
    with pytest.raises(Usage):
        reached(root, f"../{named}")
