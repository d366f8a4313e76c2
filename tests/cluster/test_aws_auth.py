"""The ConfigMap kube-system/aws-auth, written by kubectl and followed live: who is whom, and what a bad one does."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from administration import wait_until
from clients import Keys
from kubernetes import Cluster, becomes, entries


@dataclass
class People:
    """Whom aws-auth may name: sessions of roles, and a user with an access key."""

    mapped: Keys
    pathed: Keys
    user: Keys


@pytest.fixture(scope="module")
def people(cluster: Cluster) -> People:
    iam = cluster.client("iam")
    iam.create_user(UserName="worker", Path="/people/")
    key = iam.create_access_key(UserName="worker")["AccessKey"]
    return People(cluster.assume(cluster.make_role("Mapped"), "s.one@example.com"),
                  cluster.assume(cluster.make_role("Pathed", path="/teams/a/"), "two"),
                  Keys(key["AccessKeyId"], key["SecretAccessKey"]))


@pytest.fixture
def aws_auth(cluster: Cluster) -> Iterator[dict[str, str]]:
    """As it is without a test's changes: the node role's entry."""
    before = cluster.aws_auth()
    yield before
    cluster.kubectl("create", "configmap", "aws-auth", "-n", "kube-system", check=False)
    cluster.set_aws_auth(before)
    wait_until("the mapping as it was", lambda: cluster.server.metric("sekisho_aws_auth_stale") == 0)


def test_a_mapping_works_at_the_next_command_and_so_does_its_removal(cluster: Cluster, aws_auth: dict[str, str], people: People) -> None:
    becomes(cluster, people.mapped, None)
    entry = {"rolearn": cluster.role_arn("Mapped"), "username": "first", "groups": ["a", "b"]}
    cluster.set_aws_auth(aws_auth | {"mapRoles": aws_auth["mapRoles"] + entries(entry)})
    becomes(cluster, people.mapped, "first", "a", "b")
    # The last entry of a role wins whole.
    cluster.set_aws_auth(aws_auth | {"mapRoles": aws_auth["mapRoles"] + entries(entry, entry | {"username": "last", "groups": ["c"]})})
    becomes(cluster, people.mapped, "last", "c")
    cluster.set_aws_auth(aws_auth)
    becomes(cluster, people.mapped, None)
    assert set(cluster.nodes().values()) == {"True"}


@pytest.mark.parametrize(("username", "groups", "expected"), [
    ("{{SessionName}}", [], ("s.one-example.com",)),
    ("{{SessionNameRaw}}", ["{{SessionName}}"], ("s.one@example.com", "s.one-example.com")),
    ("u:{{AccountID}}:{{AccessKeyID}}", ["of-{{AccountID}}"], ("u:<account>:<key>", "of-<account>")),
    ("{{Unknown}}{{AccountID", [], ("{{Unknown}}{{AccountID",)),
    ("{{EC2PrivateDNSName}}", ["x"], None),  # no instance
    ("", ["x"], None),
], ids=["SessionName", "SessionNameRaw", "AccountID-AccessKeyID", "unknown", "EC2PrivateDNSName", "empty"])  # fmt: skip
def test_templates(cluster: Cluster, aws_auth: dict[str, str], people: People, username: str, groups: list[str],
                   expected: tuple[str, ...] | None) -> None:
    entry = {"rolearn": cluster.role_arn("Mapped"), "username": username, "groups": groups}
    marker = {"rolearn": cluster.role_arn("Pathed"), "username": "marker"}  # what is refused was looked at
    cluster.set_aws_auth(aws_auth | {"mapRoles": aws_auth["mapRoles"] + entries(entry, marker)})
    becomes(cluster, people.pathed, "marker")
    filled = [text.replace("<account>", cluster.account).replace("<key>", people.mapped.access_key_id) for text in expected or ()]
    becomes(cluster, people.mapped, filled[0] if filled else None, *filled[1:])


@pytest.mark.parametrize("entry", [
    {"rolearn": "arn:aws:iam::<account>:role/Pathed"},
    {"rolearn": "arn:aws:iam::<account>:role/teams/a/Pathed"},
    {"RoleArn": "ARN:aws:iam::<account>:role/pathed"},
    {"rolearn": "arn:aws:sts::<account>:assumed-role/Pathed/x"},
], ids=["without-path", "with-path", "other-case", "session"])  # fmt: skip
def test_a_role_with_a_path(cluster: Cluster, aws_auth: dict[str, str], people: People, entry: dict[str, str]) -> None:
    """EKS knows it without its path only; here its own ARN means it, too. Names of another partition or prefix do not."""
    given = {name: arn.replace("<account>", cluster.account) for name, arn in entry.items()}
    cluster.set_aws_auth(aws_auth | {"mapRoles": aws_auth["mapRoles"] + entries(given | {"username": "p"})})
    becomes(cluster, people.pathed, "p")
    becomes(cluster, people.mapped, None)


def test_users_and_accounts(cluster: Cluster, aws_auth: dict[str, str], people: People) -> None:
    user = {"userarn": f"arn:aws:iam::{cluster.account}:user/people/worker", "username": "worker", "groups": ["u"]}
    becomes(cluster, people.user, None)
    cluster.set_aws_auth(aws_auth | {"mapUsers": entries(user)})
    becomes(cluster, people.user, "worker", "u")
    cluster.set_aws_auth(aws_auth | {"mapUsers": entries(user | {"userarn": f"arn:aws:iam::{cluster.account}:user/worker"})})
    becomes(cluster, people.user, None)
    # A whole account: everybody by their canonical ARN, without groups; entries of their own come first.
    cluster.set_aws_auth(aws_auth | {"mapUsers": entries(user), "mapAccounts": json.dumps([cluster.account])})
    becomes(cluster, people.user, "worker", "u")
    becomes(cluster, people.mapped, cluster.role_arn("Mapped"))


def test_what_cannot_be_read_leaves_the_last_good_mapping(cluster: Cluster, aws_auth: dict[str, str], people: People) -> None:
    """Stale, and counted so. The other keys are followed all the same."""
    entry = {"rolearn": cluster.role_arn("Mapped"), "username": "good"}
    user = {"userarn": f"arn:aws:iam::{cluster.account}:user/people/worker"}
    cluster.set_aws_auth(aws_auth | {"mapRoles": aws_auth["mapRoles"] + entries(entry)})
    becomes(cluster, people.mapped, "good")
    for number, broken in enumerate(("- rolearn: [\n", "not: a list", "\t- x", "- &a [*a]")):
        cluster.set_aws_auth({"mapRoles": broken, "mapUsers": entries(user | {"username": f"worker-{number}"})})
        becomes(cluster, people.user, f"worker-{number}")
        becomes(cluster, people.mapped, "good")
    wait_until("stale", lambda: cluster.server.metric("sekisho_aws_auth_stale") == 1)
    # An entry that is bad is left out; the rest of the list is good.
    cluster.set_aws_auth({"mapRoles": aws_auth["mapRoles"] + entries({"username": "no ARN"}, entry | {"username": "better"})})
    becomes(cluster, people.mapped, "better")
    becomes(cluster, people.user, None)
    wait_until("current", lambda: cluster.server.metric("sekisho_aws_auth_stale") == 0)


def test_entries_are_changed_by_our_own_api(cluster: Cluster, aws_auth: dict[str, str], people: People) -> None:
    """As the console does. What people wrote stays as it is; a change that cannot be made says why."""
    sekisho = cluster.client("sekisho")
    mine = "# ours\n" + entries({"rolearn": cluster.role_arn("Mapped"), "username": "first"})

    def change(operation: str, **request: object) -> dict[str, str]:
        asked = getattr(sekisho, operation)(ClusterName=cluster.name, **request)["Change"]

        def state() -> dict[str, str]:
            told: dict[str, str] = sekisho.describe_identity_mapping(ClusterName=cluster.name)["Change"]
            assert told["ChangeId"] == asked["ChangeId"]
            return told

        wait_until("the change", lambda: state()["Status"] != "IN_PROGRESS")
        return state()

    cluster.set_aws_auth(aws_auth | {"mapRoles": aws_auth["mapRoles"] + mine})
    becomes(cluster, people.mapped, "first")
    user = f"arn:aws:iam::{cluster.account}:user/people/worker"
    assert change("put_identity_mapping", PrincipalArn=user, Username="worker", Groups=["u"])["Status"] == "SUCCEEDED"
    becomes(cluster, people.user, "worker", "u")
    assert change("put_identity_mapping", PrincipalArn=cluster.role_arn("Mapped"), Username="{{SessionName}}")["Status"] == "SUCCEEDED"
    becomes(cluster, people.mapped, "s.one-example.com")
    assert "# ours" in cluster.aws_auth()["mapRoles"] and set(cluster.nodes().values()) == {"True"}
    told = sekisho.describe_identity_mapping(ClusterName=cluster.name)["Entries"]
    assert [entry["PrincipalArn"] for entry in told if entry["Kind"] == "USER"] == [user]
    assert change("delete_identity_mapping", PrincipalArn=user)["Status"] == "SUCCEEDED"
    becomes(cluster, people.user, None)
    with pytest.raises(sekisho.exceptions.ResourceNotFoundException):
        sekisho.delete_identity_mapping(ClusterName=cluster.name, PrincipalArn=user)
    with pytest.raises(sekisho.exceptions.ValidationException):
        sekisho.put_identity_mapping(ClusterName=cluster.name, PrincipalArn=user, Username="two\nlines")
    # The last good text serves, but what stands in the cluster cannot be edited.
    cluster.set_aws_auth({"mapRoles": "- rolearn: [\n"})
    wait_until("stale", lambda: cluster.server.metric("sekisho_aws_auth_stale") == 1)
    failed = change("put_identity_mapping", PrincipalArn=cluster.role_arn("Mapped"), Username="x")
    assert failed["Status"] == "FAILED" and "yaml" in failed["FailureReason"].lower()


def test_the_config_map_deleted_and_made_anew(cluster: Cluster, aws_auth: dict[str, str], people: People) -> None:
    good = aws_auth | {"mapRoles": aws_auth["mapRoles"] + entries({"rolearn": cluster.role_arn("Mapped"), "username": "good"})}
    cluster.set_aws_auth(good)
    becomes(cluster, people.mapped, "good")
    cluster.kubectl("delete", "configmap", "aws-auth", "-n", "kube-system")
    becomes(cluster, people.mapped, None)
    # Whoever made the cluster is no part of it.
    cluster.kubectl("create", "configmap", "aws-auth", "-n", "kube-system", f"--from-literal=mapRoles={good['mapRoles']}")
    becomes(cluster, people.mapped, "good")


@pytest.mark.parametrize("map_roles", ["[]", "- rolearn: <creator>\n  username: nobody\n"], ids=["nobody", "the-creator-as-nobody"])
def test_the_creator_cannot_be_locked_out(cluster: Cluster, aws_auth: dict[str, str], map_roles: str) -> None:
    """The last administrator is the cluster's creator, whatever aws-auth says: what was done can be undone by them. Below
    that stands the home's own admin.kubeconfig, for whoever may read its files."""
    creator = cluster.role_arn("OrganizationAccountAccessRole")
    cluster.set_aws_auth({"mapRoles": map_roles.replace("<creator>", creator), "mapUsers": "[]"})
    becomes(cluster, cluster.creator, "kubernetes-admin", "system:masters")
    assert cluster.may(cluster.creator, "*", "*")
    cluster.set_aws_auth(aws_auth)
    [admin] = (cluster.server.home / "clusters").glob("*/admin.kubeconfig")
    assert admin.stat().st_mode & 0o777 == 0o600 and admin.parent.stat().st_mode & 0o777 == 0o700
