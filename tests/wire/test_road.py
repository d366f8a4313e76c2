"""The road: the article's path with the real clients, once for each aws CLI and door. The steps stand in its order and
each rests on the ones before; a failure fails all that follow."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import article
import pytest
import yaml
from administration import Administration, Directory, wait_until
from web_browser import chromium
from clients import CLI_NAMES, Boto, Cli, Shell, aws, cli, shell_environment
from playwright.sync_api import BrowserContext, expect
from portal import Person, accept_invitation, allow_command_line, enroll_authenticator, enter_password, sign_in
from server import REGION, Server, running_server
from terminal import BrowserDoor, Terminal

PASSWORD = "Quiet-Harbour-42!"
MAIL = "eksadmin@yourdomain.com"
DENIED = re.compile(r"An error occurred \((AccessDenied|AccessDeniedException|ForbiddenException|UnauthorizedException|"
                    r"ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|InvalidGrantException)\)|"
                    r"Error when retrieving (token|credentials)|Error loading SSO Token|Token has expired|The SSO session", re.IGNORECASE)


@dataclass
class Road:
    """What the steps leave for the ones after them."""

    server: Server
    folder: Path
    client: Cli
    shell: Shell
    boto: Boto
    administration: Administration
    browser: BrowserContext
    directory: Directory | None = None
    account: str = ""
    cluster: str = ""
    group: str = ""
    permission_set: str = ""
    user_id: str = ""
    person: Person = field(default_factory=lambda: Person(article.USER, PASSWORD))

    @property
    def center(self) -> Directory:
        assert self.directory is not None
        return self.directory

    def json(self, script: str) -> Any:
        return json.loads(self.shell.run(script).stdout)


@pytest.fixture(scope="class", params=CLI_NAMES)
def road(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    client = cli(request.param)
    folder = tmp_path_factory.mktemp(f"road-{client}")
    with running_server(folder) as server:
        authority = folder / "authority.pem"
        authority.write_text(server.command("ca", "print").stdout, encoding="ascii")
        boto = Boto(server, folder)
        shell = Shell(shell_environment(server, client, folder), folder)
        with chromium(folder, authority) as browser:
            yield Road(server, folder, client, shell, boto, Administration(boto), browser)


class TestRoad:
    STEPS = True  # tests/conftest.py

    def test_01_make_the_organization(self, road: Road) -> None:
        made = road.json(article.CREATE_ORGANIZATION)["Organization"]
        assert re.fullmatch(r"o-[a-z0-9]{10,32}", made["Id"]) and made["FeatureSet"] == "ALL"

    def test_02_see_it(self, road: Road) -> None:
        seen = road.json(article.DESCRIBE_ORGANIZATION)["Organization"]
        assert re.fullmatch(r"\d{12}", seen["MasterAccountId"])
        link = road.administration.link_in_mail(seen["MasterAccountEmail"], "erify")
        page = road.browser.new_page()
        page.goto(link)
        expect(page.locator("body")).to_contain_text(re.compile("verified", re.IGNORECASE))
        page.close()

    def test_03_make_the_member_account(self, road: Road) -> None:
        status = road.json(article.CREATE_ACCOUNT)["CreateAccountStatus"]
        assert status["State"] in ("IN_PROGRESS", "SUCCEEDED")

        def done() -> dict[str, Any] | None:
            now = road.json("aws organizations describe-create-account-status --create-account-request-id "
                            + status["Id"])["CreateAccountStatus"]
            return None if now["State"] == "IN_PROGRESS" else now

        made = wait_until("account", done)
        assert made["State"] == "SUCCEEDED", made
        road.account = made["AccountId"]
        listed = road.json("aws organizations list-accounts")["Accounts"]
        assert len(listed) == 2 and "youralias+ekscluster@yourdomain.com" in {account["Email"] for account in listed}

    def test_04_enable_identity_center(self, road: Road) -> None:
        road.directory = road.administration.enable_identity_center()
        instances = road.json("aws sso-admin list-instances")["Instances"]
        assert [instance["InstanceArn"] for instance in instances] == [road.center.instance_arn]
        assert road.center.portal_url.startswith("https://")

    def test_05_require_mfa(self, road: Road) -> None:
        road.administration.require_mfa(road.center)

    def test_06_group(self, road: Road) -> None:
        road.group = road.administration.create_group(road.center, article.GROUP)

    def test_07_permission_set(self, road: Road) -> None:
        road.permission_set = road.administration.create_permission_set(road.center)
        road.administration.assign(road.center, road.permission_set, road.account, road.group)

    def test_08_user(self, road: Road) -> None:
        road.user_id = road.administration.invite_user(road.center, article.USER, MAIL, road.group)

    def test_09_sign_up(self, road: Road) -> None:
        page = road.browser.new_page()
        accept_invitation(page, road.administration.link_in_mail(MAIL, "Invitation"), PASSWORD)
        enter_password(page, road.person)
        enroll_authenticator(page, road.person)
        expect(page.get_by_text(road.account)).to_be_visible()
        page.close()

    def test_09_user_names_are_case_sensitive(self, road: Road) -> None:
        """A browser that is signed in to nothing; the shown text does not tell a wrong name from a wrong password."""
        with chromium(road.folder / "stranger", road.folder / "authority.pem") as stranger:
            page = stranger.new_page()
            page.goto(road.center.portal_url)
            enter_password(page, Person(article.USER.upper(), PASSWORD))
            expect(page.get_by_role("alert")).to_be_visible()
            expect(page.get_by_label("MFA code", exact=True)).to_have_count(0)

    def test_10_portal(self, road: Road) -> None:
        page = road.browser.new_page()
        page.goto(road.center.portal_url)
        sign_in(page, road.person)
        expect(page.get_by_text(road.account)).to_be_visible()
        role = page.get_by_role("link", name=article.PERMISSION_SET)
        if not role.is_visible():
            page.get_by_text(re.compile("EKS-Account-")).first.click()
        expect(role).to_be_visible()
        page.get_by_role("link", name=re.compile("Access keys")).first.click()
        expect(page.locator("body")).to_contain_text("AWS_SESSION_TOKEN")
        page.close()

    def test_11_cli_profile(self, road: Road) -> None:
        door = BrowserDoor(road.folder)
        environment = road.shell.environment | door.environment()
        device = road.client.name == "old" or road.client.proxy
        command = ["aws", "configure", "sso"]
        if device and road.client.name != "old":
            command.append("--use-device-code")
        with Terminal(command, environment, road.folder) as terminal:
            terminal.answer(r"SSO session name \(Recommended\):", "" if road.client.name == "old" else "eks")
            terminal.answer(r"SSO start URL \[None\]:", road.center.portal_url)
            terminal.answer(r"SSO [Rr]egion \[None\]:", REGION)
            if road.client.name != "old":
                terminal.answer(r"SSO registration scopes", "")
            code = allow_command_line(road.browser, door.address(), road.person)
            if device:
                assert code and code in terminal.screen(), "the page and the terminal must show the same code"
            terminal.wait_for(rf"The only AWS account available to you is: {road.account}")
            terminal.wait_for(rf"The only role available to you is: {article.PERMISSION_SET}")
            terminal.answer(r"[Dd]efault client Region", REGION)
            terminal.answer(r"default output format", "json")
            terminal.answer(r"rofile name", article.PROFILE)
            assert terminal.wait_for_end() == 0, terminal.screen()

    def test_12_who_am_i(self, road: Road) -> None:
        who = road.json(article.CALLER_IDENTITY)
        assert re.fullmatch(r"AROA[A-Z0-9]{17}:eksadmin", who["UserId"])
        assert who["Account"] == road.account
        assert re.fullmatch(rf"arn:aws:sts::{road.account}:assumed-role/AWSReservedSSO_{article.PERMISSION_SET}_[0-9a-f]{{16}}/eksadmin",
                            who["Arn"])

    def test_12_the_role_may_not_do_more(self, road: Road) -> None:
        for command in (["iam", "create-user", "--user-name", "x"], ["organizations", "list-accounts"],
                        ["sso-admin", "list-instances"]):
            refused = aws(road.shell.environment, *command, profile=article.PROFILE, check=False)
            assert refused.returncode != 0 and "AccessDenied" in refused.stderr, refused.stderr
        assert re.search(r"User: arn:aws:sts::\d{12}:assumed-role/AWSReservedSSO_\S+/eksadmin is not authorized to perform: "
                         r"sso:ListInstances", refused.stderr)

    def test_13_names(self, road: Road) -> None:
        out = road.shell.run(article.NAMES).stdout.split()
        assert re.fullmatch(rf"AWSReservedSSO_{article.PERMISSION_SET}_[0-9a-f]{{16}}", out[0]) and out[1] == road.account

    def test_14_into_the_member_account(self, road: Road) -> None:
        road.shell.run(article.TRUST_FILE)
        road.shell.run(article.POLICY_FILE)
        road.shell.run(article.INTO_MEMBER_ACCOUNT)
        who = road.json("aws sts get-caller-identity")
        assert who["Arn"].endswith(":assumed-role/OrganizationAccountAccessRole/adminSession-CreateEKSCreatorRole")

    def test_15_creator_role(self, road: Road) -> None:
        road.shell.run(article.CREATOR_ROLE)
        attached = road.json("aws iam list-attached-role-policies --role-name EKSClusterCreator")["AttachedPolicies"]
        assert [policy["PolicyName"] for policy in attached] == ["EKSClusterCreatorPolicy"]

    def test_16_become_the_creator(self, road: Road) -> None:
        refused = road.shell.run("env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_SESSION_TOKEN aws sts assume-role "
                                 "--role-arn arn:aws:iam::${account}:role/EKSClusterCreator --role-session-name not-trusted", check=False)
        assert refused.returncode != 0 and "is not authorized to perform: sts:AssumeRole on resource: " in refused.stderr
        road.shell.run(article.BECOME_CREATOR)
        assert road.json("aws sts get-caller-identity")["Arn"].endswith(":assumed-role/EKSClusterCreator/create-eks-cluster")

    def test_17_cluster(self, road: Road) -> None:
        """Its three minutes are eksctl's own waits."""
        said = road.shell.run(article.CREATE_CLUSTER, seconds=900).stdout
        ready = re.search(rf'EKS cluster "([a-z]+-[a-z]+-\d+)" in "{REGION}" region is ready', said)
        assert ready, said
        road.cluster = ready.group(1)

    def test_18_find_it(self, road: Road) -> None:
        assert road.shell.run(article.FIND_CLUSTER).stdout.strip() == road.cluster

    def test_19_map_sso_to_kubernetes(self, road: Road) -> None:
        road.shell.run(article.MAP_ROLE)

    def test_20_see_the_map(self, road: Road) -> None:
        """By the kubeconfig that eksctl wrote."""
        shown = yaml.safe_load(road.shell.run(article.SHOW_MAP).stdout)
        roles = {entry["rolearn"]: entry for entry in yaml.safe_load(shown["data"]["mapRoles"])}
        node = next(entry for arn, entry in roles.items() if "-NodeInstanceRole-" in arn)
        assert node["username"] == "system:node:{{EC2PrivateDNSName}}"
        assert sorted(node["groups"]) == ["system:bootstrappers", "system:nodes"]
        assert roles[f"arn:aws:iam::{road.account}:role/{road.shell.value('ssorole')}"]["groups"] == ["system:masters"]
        assert not any("EKSClusterCreator" in arn for arn in roles)

    def test_21_kubeconfig(self, road: Road) -> None:
        road.shell.run(article.KUBECONFIG)
        config = yaml.safe_load((road.folder / "kubeconfig").read_text())
        arn = f"arn:aws:eks:{REGION}:{road.account}:cluster/{road.cluster}"
        assert config["current-context"] == arn
        command = next(user["user"]["exec"] for user in config["users"] if user["name"] == arn)
        assert {"name": "AWS_PROFILE", "value": article.PROFILE} in command["env"]

    def test_22_use_it(self, road: Road) -> None:
        """As typed, with the creator's keys still in the environment (the CLI prefers them), then without."""
        lines = road.shell.run(article.NODES).stdout.splitlines()
        assert len(lines) == 3 and all(re.search(r"\sReady\s", line) for line in lines[1:]), lines
        assert "EKSClusterCreator" in road.shell.run("kubectl auth whoami -o json").stdout
        road.shell.run(article.WITHOUT_KEYS)
        who = road.json("kubectl auth whoami -o json")["status"]["userInfo"]
        assert who["username"] == "cluster-admin" and "system:masters" in who["groups"]
        assert road.shell.run(article.NODES).returncode == 0

    def test_22_eksctl_by_single_sign_on(self, road: Road) -> None:
        """The profile is enough for it, too: it fetches the role's credentials at the portal by itself."""
        shown = json.loads(road.shell.run(f"eksctl get cluster --name {road.cluster} -o json --profile {article.PROFILE}").stdout)
        assert [(cluster["Name"], cluster["Status"]) for cluster in shown] == [(road.cluster, "ACTIVE")]

    def test_22_a_role_that_is_not_mapped_is_refused(self, road: Road) -> None:
        """The management account's administrator may do everything in AWS, and nothing in this cluster."""
        token = road.json(f"aws eks get-token --cluster-name {road.cluster}")["status"]["token"]
        road.shell.run("kubectl config view --raw --minify -o json | jq 'del(.users[].user.exec)' > bearer.yaml")
        refused = road.shell.run(f"kubectl --kubeconfig bearer.yaml --token={token} get nodes", check=False)
        assert refused.returncode != 0 and "must be logged in" in refused.stderr, refused.stderr

    def test_23_leave(self, road: Road, record_property: Callable[[str, object], None]) -> None:
        """One switch. Everything is denied at the next request; a bearer token that kube-apiserver has cached, within 11 s."""
        issued = road.json(f"aws configure export-credentials --profile {article.PROFILE}") if road.client.name != "old" else None
        token = road.json(f"aws eks get-token --cluster-name {road.cluster} --profile {article.PROFILE}")["status"]["token"]
        cached = f"kubectl --kubeconfig bearer.yaml --token={token} get nodes"
        road.shell.run(cached)

        road.administration.set_user_enabled(road.center, road.user_id, False)
        began = time.monotonic()
        who = aws(road.shell.environment, "sts", "get-caller-identity", profile=article.PROFILE, check=False)
        assert who.returncode != 0 and DENIED.search(who.stderr), who.stderr
        assert road.shell.run(article.NODES, check=False).returncode != 0
        record_property("seconds until the aws CLI and a new kubectl were denied", round(time.monotonic() - began, 1))
        if issued:
            keys = {"AWS_ACCESS_KEY_ID": issued["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": issued["SecretAccessKey"],
                    "AWS_SESSION_TOKEN": issued["SessionToken"]}
            refused = aws(road.shell.environment | keys, "sts", "get-caller-identity", check=False)
            assert refused.returncode != 0 and DENIED.search(refused.stderr), refused.stderr
        page = road.browser.new_page()
        page.goto(road.center.portal_url)
        expect(page.get_by_label("Username", exact=True)).to_be_visible()
        enter_password(page, road.person)
        expect(page.get_by_label("MFA code", exact=True)).to_have_count(0)
        page.close()
        while road.shell.run(cached, check=False).returncode == 0:
            assert time.monotonic() - began < 11, "the cached bearer token outlived kube-apiserver's cache"
            time.sleep(0.25)
        record_property("seconds until a cached bearer token was denied", round(time.monotonic() - began, 1))

    def test_23_back_with_a_new_sign_in_only(self, road: Road) -> None:
        road.administration.set_user_enabled(road.center, road.user_id, True)
        who = aws(road.shell.environment, "sts", "get-caller-identity", profile=article.PROFILE, check=False)
        assert who.returncode != 0, "a session from before the switch lives again"
        # The CLI keeps the role's credentials, which are dead, until their end: signing out drops them.
        aws(road.shell.environment, "sso", "logout", profile=article.PROFILE)
        door = BrowserDoor(road.folder)
        command = ["aws", "sso", "login", "--profile", article.PROFILE]
        if road.client.proxy and road.client.name != "old":
            command.append("--use-device-code")
        with Terminal(command, road.shell.environment | door.environment(), road.folder) as terminal:
            allow_command_line(road.browser, door.address(), road.person)
            assert terminal.wait_for_end() == 0, terminal.screen()
        assert road.json(article.CALLER_IDENTITY)["Account"] == road.account
        road.shell.run(article.NODES)
