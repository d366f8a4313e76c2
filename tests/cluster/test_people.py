"""People in the cluster: what their permission set is mapped to and no more, under their own name, until they leave."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from administration import wait_until
from clients import Keys
from kubernetes import Cluster, becomes, entries
from playwright.sync_api import BrowserContext, expect
from portal import Person, allow_command_line, enter_password
from web_browser import chromium

PASSWORD = "Quiet-Harbour-42!"


@dataclass
class Employee:
    """Somebody with a permission set in the cluster's account, signed in."""

    name: str
    user: str
    permission_set: str
    access_token: str

    def keys(self, cluster: Cluster) -> Keys:
        given = cluster.boto.client("sso", unsigned=True).get_role_credentials(
            accessToken=self.access_token, accountId=cluster.account, roleName=self.permission_set)["roleCredentials"]
        return Keys(given["accessKeyId"], given["secretAccessKey"], given["sessionToken"])


@pytest.fixture(scope="module")
def browser(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    folder: Path = tmp_path_factory.mktemp("people")
    authority = folder / "authority.pem"
    authority.write_text(cluster.server.command("ca", "print").stdout, encoding="ascii")
    with chromium(folder, authority) as context:
        yield context


def employ(cluster: Cluster, browser: BrowserContext, name: str, permission_set: str) -> Employee:
    administration, directory = cluster.administration, cluster.directory
    store = {"IdentityStoreId": directory.identity_store_id}
    group = administration.create_group(directory, f"{name}s")
    arn = administration.create_permission_set(directory, permission_set)
    administration.assign(directory, arn, cluster.account, group)
    user = administration.identities.create_user(
        **store, UserName=name, DisplayName=name, Name={"GivenName": name, "FamilyName": "E"},
        Emails=[{"Value": f"{name}@example.com", "Type": "work", "Primary": True}])["UserId"]
    administration.identities.create_group_membership(**store, GroupId=group, MemberId={"UserId": user})
    administration.sekisho.set_password(**store, UserId=user, Password=PASSWORD)

    browser.clear_cookies()
    page = browser.new_page()
    page.goto(directory.portal_url)
    enter_password(page, Person(name, PASSWORD))
    expect(page.get_by_text(cluster.account)).to_be_visible()
    page.close()
    oidc = cluster.boto.client("sso-oidc", unsigned=True)
    made = oidc.register_client(clientName="proof", clientType="public", scopes=["sso:account:access"])
    client = {"clientId": made["clientId"], "clientSecret": made["clientSecret"]}
    started = oidc.start_device_authorization(**client, startUrl=directory.portal_url)
    allow_command_line(browser, started["verificationUriComplete"], Person(name, PASSWORD))
    token = oidc.create_token(**client, grantType="urn:ietf:params:oauth:grant-type:device_code",
                              deviceCode=started["deviceCode"])["accessToken"]
    return Employee(name, user, permission_set, token)


@pytest.fixture(scope="module")
def team(cluster: Cluster, browser: BrowserContext) -> Iterator[dict[str, Employee]]:
    """A developer, who may work in one namespace, and an auditor, who may look at everything but secrets."""
    team = {"developer": employ(cluster, browser, "developer", "Developers"), "auditor": employ(cluster, browser, "auditor", "Auditors")}
    before = cluster.aws_auth()
    cluster.set_aws_auth(before | {"mapRoles": before["mapRoles"] + entries(*(
        {"sso": {"permissionSetName": f"{name}s", "accountID": cluster.account}, "username": f"{name}:{{{{SessionName}}}}",
         "groups": [f"{name}s"]} for name in ("Developer", "Auditor")))})
    cluster.kubectl("create", "namespace", "team")
    cluster.kubectl("create", "role", "workers", "-n", "team", "--verb=get,list,create,delete", "--resource=configmaps,pods")
    cluster.kubectl("create", "rolebinding", "workers", "-n", "team", "--role=workers", "--group=Developers")
    cluster.kubectl("create", "clusterrolebinding", "auditors", "--clusterrole=view", "--group=Auditors")
    wait_until("mapping", lambda: all(cluster.review(cluster.token(one.keys(cluster)))["authenticated"] for one in team.values()))
    yield team
    cluster.kubectl("delete", "clusterrolebinding", "auditors")
    cluster.kubectl("delete", "namespace", "team", "--wait=false")
    cluster.set_aws_auth(before)


def test_kubernetes_knows_the_person(cluster: Cluster, team: dict[str, Employee]) -> None:
    """What it writes into its audit log is this user: a name, the session, and the person behind it."""
    for prefix, one in (("Developer", team["developer"]), ("Auditor", team["auditor"])):
        user = cluster.whoami(one.keys(cluster))
        assert user is not None and user["username"] == f"{prefix}:{one.name}"
        assert user["extra"]["sessionName"] == [one.name]
        assert user["extra"]["sekisho/personId"] == [one.user]
        assert user["extra"]["arn"][0].endswith(f"/{one.name}")


@pytest.mark.parametrize("entry", [
    {"rolearn": "arn:aws:iam::<account>:role/<role>"},
    {"rolearn": "arn:aws:iam::<account>:role/aws-reserved/sso.amazonaws.com/<role>"},
    {"sso": {"permissionSetName": "Developers", "accountID": "<account>", "partition": "aws"}},
], ids=["without-path", "with-path", "sso"])  # fmt: skip
def test_the_role_of_a_permission_set_in_aws_auth(cluster: Cluster, team: dict[str, Employee], entry: dict[str, object]) -> None:
    """As the article writes it, without its path; with it; or by the names that people know."""
    before, keys = cluster.aws_auth(), team["developer"].keys(cluster)
    role = cluster.client("sts", keys).get_caller_identity()["Arn"].split("/")[1]
    given = json.loads(json.dumps(entry).replace("<account>", cluster.account).replace("<role>", role))
    cluster.set_aws_auth(before | {"mapRoles": entries(given | {"username": "reader", "groups": ["r"]})})
    becomes(cluster, keys, "reader", "r")
    cluster.set_aws_auth(before | {"mapRoles": entries(
        {"sso": {"permissionSetName": "Developer", "accountID": cluster.account}, "username": "other"},
        {"sso": {"permissionSetName": "Developers", "accountID": "111122223333"}, "username": "other"},
        {"rolearn": cluster.role_arn(role[:-1]), "username": "other"})})
    becomes(cluster, keys, None)
    cluster.set_aws_auth(before)
    becomes(cluster, keys, "Developer:developer", "Developers")


def test_a_group_may_what_its_bindings_say(cluster: Cluster, team: dict[str, Employee]) -> None:
    developer, auditor = (team[name].keys(cluster) for name in ("developer", "auditor"))
    assert cluster.may(developer, "create", "configmaps", "-n", "team")
    for refused in (["create", "configmaps", "-n", "default"], ["get", "secrets", "-n", "team"], ["update", "configmaps", "-n", "team"],
                    ["create", "rolebindings", "-n", "team"], ["get", "nodes"], ["impersonate", "users"], ["*", "*"]):
        assert not cluster.may(developer, *refused), refused
    cluster.kubectl("create", "configmap", "work", "-n", "team", "--from-literal=a=b", keys=developer)
    run = cluster.kubectl("create", "configmap", "work", "-n", "default", "--from-literal=a=b", keys=developer, check=False)
    assert 'User "Developer:developer" cannot create resource "configmaps"' in run.stderr, run.stderr

    assert cluster.may(auditor, "list", "configmaps", "-A") and cluster.may(auditor, "get", "pods", "-n", "team")
    for refused in (["get", "secrets", "-A"], ["create", "configmaps", "-n", "team"], ["delete", "pods", "-n", "team"], ["*", "*"]):
        assert not cluster.may(auditor, *refused), refused
    # Nobody writes themselves more rights: aws-auth is not theirs.
    for keys in (developer, auditor):
        run = cluster.kubectl("patch", "configmap", "aws-auth", "-n", "kube-system", "-p", '{"data":{"mapUsers":"[]"}}', keys=keys, check=False)
        assert "orbidden" in run.stderr, run.stderr


def test_who_leaves_is_refused_by_the_api_server(cluster: Cluster, team: dict[str, Employee], capsys: pytest.CaptureFixture[str]) -> None:
    """Step 23. A new command is refused at once; a bearer token in use, when kube-apiserver asks again. The order of the
    events is what is proved; how long they took is printed."""
    developer = team["developer"]
    keys = developer.keys(cluster)
    used = cluster.token(keys)
    list_work = ("get", "configmaps", "-n", "team")
    cluster.kubectl(*list_work, token=used)

    cluster.administration.set_user_enabled(cluster.directory, developer.user, False)
    began = time.monotonic()
    assert cluster.kubectl(*list_work, keys=keys, check=False).returncode != 0
    new_command = time.monotonic() - began
    assert cluster.review(used)["authenticated"] is False, "the webhook itself forgets at once"
    wait_until("the used token's end", lambda: cluster.kubectl(*list_work, token=used, check=False).returncode != 0, seconds=60)
    with capsys.disabled():
        print(f"\nstep 23: a new kubectl command was refused after {new_command:.2f} s, "
              f"a bearer token in kube-apiserver's cache after {time.monotonic() - began:.2f} s")

    # Enabled again: what was issued before stays dead. The others never noticed.
    cluster.administration.set_user_enabled(cluster.directory, developer.user, True)
    assert cluster.whoami(keys) is None
    assert cluster.whoami(team["auditor"].keys(cluster)) is not None


def test_a_permission_set_taken_away_ends_at_the_cluster_too(cluster: Cluster, team: dict[str, Employee]) -> None:
    auditor = team["auditor"]
    keys = auditor.keys(cluster)
    assert cluster.whoami(keys) is not None
    store = {"IdentityStoreId": cluster.directory.identity_store_id}
    identities = cluster.administration.identities
    [membership] = identities.list_group_memberships_for_member(**store, MemberId={"UserId": auditor.user})["GroupMemberships"]
    identities.delete_group_membership(**store, MembershipId=membership["MembershipId"])
    assert cluster.whoami(keys) is None
