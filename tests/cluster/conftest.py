"""One cluster for all files of this stage: a control plane takes seconds to start. Each test leaves it as it found it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kubernetes import Cluster, ClusterServer, create_cluster, create_nodegroup, prepare_cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder: Path = tmp_path_factory.mktemp("cluster")
    server = ClusterServer(folder / "home", folder / "clients")
    server.init()
    server.start()
    try:
        cluster = prepare_cluster(server, folder, "proof")
        made = create_cluster(cluster)
        assert made["status"] == "ACTIVE", made
        create_nodegroup(cluster, "ng-1", 2)
        yield cluster
        assert server.is_running(), f"the server ended by itself\n{server.log_end()}"
    finally:
        if server.is_running():
            server.stop()
