"""Fixtures. Each test module shares one server; a test that needs a server of its own takes `fresh_server`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from web_browser import chromium
from clients import CLI_NAMES, Boto, Cli, cli, shell_environment
from oidc_issuer import OidcIssuer, server_that_trusts
from playwright.sync_api import BrowserContext
from server import Server, running_server
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling


# Classes whose tests are steps of one path: after a failure, the steps that follow fail at once, and say why.
_failed_steps: dict[str, str] = {}


def _path_of(item: pytest.Item) -> str | None:
    if getattr(item, "cls", None) is None or not getattr(item.cls, "STEPS", False):
        return None
    parameter = item.name.partition("[")[2]
    return f"{item.cls.__module__}.{item.cls.__name__}[{parameter}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Paths wait most: where several processes run the tests, they begin with them."""
    items.sort(key=lambda item: _path_of(item) is None)


class ByModule(LoadScopeScheduling):
    """A module's tests share a process, and so their server; a path has one for each of its clients."""

    def _split_scope(self, nodeid: str) -> str:
        module, _, test = nodeid.partition("::")
        return f"{module}[{test.partition('[')[2]}" if test.startswith("TestRoad::") else module


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return ByModule(config, log)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    path = _path_of(item)
    if path and outcome.get_result().failed:  # type: ignore[attr-defined]
        _failed_steps.setdefault(path, item.name)


def pytest_runtest_setup(item: pytest.Item) -> None:
    path = _path_of(item)
    if path in _failed_steps:
        pytest.fail(f"rests on {_failed_steps[path]}, which failed", pytrace=False)


@pytest.fixture(scope="module")
def module_folder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    return tmp_path_factory.mktemp(request.module.__name__.rsplit(".", 1)[-1])


@pytest.fixture(scope="module")
def server(module_folder: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """`sekisho init`, `sekisho serve` on a free port, with the module's SERVE options, trusting `issuer` where the module
    says TRUSTS_ISSUER; ends by SIGTERM, which must be clean."""
    if getattr(request.module, "TRUSTS_ISSUER", False):
        with server_that_trusts(request.getfixturevalue("issuer"), module_folder) as running:
            yield running
        return
    with running_server(module_folder, serve=getattr(request.module, "SERVE", ())) as running:
        yield running


@pytest.fixture(scope="module")
def issuer(module_folder: Path) -> Iterator[OidcIssuer]:
    """An OpenID Connect issuer of the module's own."""
    with OidcIssuer(module_folder).running() as running:
        yield running


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def boto(server: Server, module_folder: Path) -> Boto:
    return Boto(server, module_folder)


@pytest.fixture(scope="module", params=CLI_NAMES)
def aws_cli(request: pytest.FixtureRequest) -> Cli:
    return cli(request.param)


@pytest.fixture(scope="module")
def environment(server: Server, aws_cli: Cli, module_folder: Path) -> dict[str, str]:
    """What the reader's shell holds, for each CLI and door."""
    return shell_environment(server, aws_cli, module_folder)


@pytest.fixture(scope="module")
def server_authority(server: Server, module_folder: Path) -> Path:
    """The certificate authority of the server's own names, as `sekisho ca print` gives it."""
    path = module_folder / "server-authority.pem"
    path.write_text(server.command("ca", "print").stdout, encoding="ascii")
    return path


@pytest.fixture(scope="module")
def browser(server_authority: Path, module_folder: Path) -> Iterator[BrowserContext]:
    with chromium(module_folder, server_authority) as context:
        yield context
