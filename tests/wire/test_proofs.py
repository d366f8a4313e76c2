"""Proofs of the whole: an EKS token at AWS's limits, each command of the road with the wrong rights, access that another
grant still gives, a person who leaves, and what a service control policy binds."""

import base64
import json
import re
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest
from administration import Administration, Directory, wait_until
from botocore.exceptions import ClientError
from clients import Boto, Cli, Keys, aws_json, shell_environment
from playwright.sync_api import BrowserContext, expect
from portal import Person, allow_command_line, enter_password
from raw import Answer, Request, Wire
from server import RECORDS, REGION, Server

SERVE = RECORDS  # no test here uses a cluster, so none is run for the one that exists
PASSWORD = "Quiet-Harbour-42!"
PERMISSION_SET = "EKSClusterAdminAccess"
EKS_TOKEN_BYTES_MAX = 4096
SUBNETS = ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"]


@dataclass
class House:
    """An organization with a member account, and its Identity Center without second factors."""

    boto: Boto
    administration: Administration
    directory: Directory
    management_account: str
    member_account: str
    account_request: str
    permission_set: str

    def member_keys(self) -> Keys:
        """The member account's administrator, as step 14 of the road becomes it."""
        assumed = self.boto.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{self.member_account}:role/OrganizationAccountAccessRole", RoleSessionName="proof")
        return Keys.from_response(assumed["Credentials"])


@pytest.fixture(scope="module")
def house(boto: Boto) -> House:
    organizations = boto.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    request = organizations.create_account(Email="member@example.com", AccountName="Member")["CreateAccountStatus"]["Id"]

    def made() -> str:
        status = organizations.describe_create_account_status(CreateAccountRequestId=request)["CreateAccountStatus"]
        assert status["State"] != "FAILED", status
        return status["AccountId"] if status["State"] == "SUCCEEDED" else ""

    member = wait_until("account", made)
    administration = Administration(boto)
    directory = administration.enable_identity_center()
    administration.sekisho.update_mfa_settings(InstanceArn=directory.instance_arn, PromptMode="NEVER")
    return House(boto, administration, directory, boto.client("sts").get_caller_identity()["Account"], member, request,
                 administration.create_permission_set(directory))


def refusal(call: Callable[..., Any], /, **arguments: Any) -> tuple[int, str, str]:
    """Status, code and message."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


LONG_ROLE, LONG_SESSION, LONG_CLUSTER = "R" * 64, "s" * 64, "c" * 100
TAGS = {f"{number:03}{'K' * 125}": f"{number:03}{'V' * 253}" for number in range(50)}


def allow(*actions: str, effect: str = "Allow") -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": list(actions), "Resource": "*"}]}


@pytest.fixture(scope="module")
def longest(boto: Boto) -> Keys:
    """A session of a role that may list users and roles. The session's policies leave it the roles, if its last tag is there."""
    account = boto.client("sts").get_caller_identity()["Account"]
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}]}
    iam = boto.client("iam")
    role = iam.create_role(Path=f"/{'p' * 510}/", RoleName=LONG_ROLE, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    iam.put_role_policy(RoleName=LONG_ROLE, PolicyName="lists", PolicyDocument=json.dumps(allow("iam:ListUsers", "iam:ListRoles")))
    key, value = list(TAGS.items())[-1]
    policy = allow("iam:ListRoles")
    policy["Statement"][0]["Condition"] = {"StringEquals": {f"aws:PrincipalTag/{key}": value}}
    policy["Statement"].append({"Effect": "Allow", "Action": "", "Resource": "*"})
    document = json.dumps(policy, separators=(",", ":"))
    document = document.replace('"Action":""', '"Action":"s3:%s"' % ("A" * (2048 - len(document) - len("s3:"))))
    assert len(document) == 2048
    managed = [policy["Arn"] for page in iam.get_paginator("list_policies").paginate(Scope="AWS") for policy in page["Policies"]
               if policy["PolicyName"].startswith("AmazonEKS")][:10]
    assert len(managed) == 10
    assumed = boto.client("sts").assume_role(
        RoleArn=role["Arn"], RoleSessionName=LONG_SESSION, SourceIdentity="i" * 64, Policy=document,
        PolicyArns=[{"arn": arn} for arn in managed], TransitiveTagKeys=list(TAGS),
        Tags=[{"Key": key, "Value": value} for key, value in TAGS.items()])
    return Keys.from_response(assumed["Credentials"])


@pytest.fixture(scope="module")
def wire(server: Server, boto: Boto) -> Wire:
    return Wire(server.port, boto.ca)


class TestLargestEksToken:
    """50 tags of 128 and 256 characters, all of them transitive, session policies of 2,048 characters and ten more by ARN,
    the longest role, session and source identity names."""

    def test_fits_and_verifies(self, server: Server, aws_cli: Cli, module_folder: Path, longest: Keys, wire: Wire) -> None:
        environment = shell_environment(server, aws_cli, module_folder) | longest.exports()
        token = aws_json(environment, "eks", "get-token", "--cluster-name", LONG_CLUSTER)["status"]["token"]
        assert len(token) < EKS_TOKEN_BYTES_MAX
        encoded = token.removeprefix("k8s-aws-v1.")
        url = urllib.parse.urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())

        def verdict(cluster: str) -> Answer:
            return wire.send(Request("GET", f"{url.path}?{url.query}", [
                ("Host", url.netloc), ("x-k8s-aws-id", cluster), ("Accept", "application/json")]))

        answer = verdict(LONG_CLUSTER)
        assert answer.status == 200, answer.text
        identity = json.loads(answer.text)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
        assert identity["Arn"].endswith(f":assumed-role/{LONG_ROLE}/{LONG_SESSION}")
        other = verdict(LONG_CLUSTER[:-1])
        assert (other.status, json.loads(other.text)["Error"]["Code"]) == (403, "SignatureDoesNotMatch"), other.text

    def test_the_session_has_what_the_token_leaves_out(self, boto: Boto, longest: Keys) -> None:
        """The session policy binds, and its condition sees the last tag."""
        iam = boto.client("iam", longest)
        iam.list_roles()
        status, code, message = refusal(iam.list_users)
        assert (status, code) == (403, "AccessDenied")
        assert message.endswith("because no session policy allows the iam:ListUsers action"), message


@dataclass(frozen=True)
class Things:
    """What the road's commands name. Each is once something that exists, once something that does not."""

    management_account: str
    member_account: str
    account_request: str
    instance: str
    store: str
    permission_set: str
    assignment_request: str
    group: str
    person: str
    mail: str
    role: str
    policy: str
    cluster: str
    nodegroup: str

    def blank(self, text: str) -> str:
        """The text with each thing's name in the place of its value."""
        for field in sorted(fields(self), key=lambda field: -len(getattr(self, field.name))):
            value = getattr(self, field.name)
            if field.name in ("instance", "permission_set"):  # in ARNs of theirs
                value = value.split(":::", 1)[1].split("/", 1)[1]
            text = text.replace(value, f"<{field.name}>")
        return text

    def role_arn(self) -> str:
        return f"arn:aws:iam::{self.management_account}:role/{self.role}"


@pytest.fixture(scope="module")
def things(house: House, boto: Boto) -> Things:
    administration, directory = house.administration, house.directory
    group = administration.create_group(directory, "admins of the table")
    person = administration.invite_user(directory, "table", "table@example.com", group)
    assigned = administration.sso.create_account_assignment(
        InstanceArn=directory.instance_arn, PermissionSetArn=house.permission_set, TargetId=house.member_account,
        TargetType="AWS_ACCOUNT", PrincipalType="GROUP", PrincipalId=group)["AccountAssignmentCreationStatus"]["RequestId"]
    mail = wait_until("mail", lambda: administration.sekisho.list_mail(To="table@example.com")["Mail"])[0]["MailId"]
    iam, eks = boto.client("iam"), boto.client("eks")

    def role(name: str, service: str) -> str:
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        return arn

    policy = iam.create_policy(PolicyName="TablePolicy", PolicyDocument=json.dumps(allow("s3:*")))["Policy"]["Arn"]
    eks.create_cluster(name="table-cluster", roleArn=role("TableRole", "eks"), resourcesVpcConfig={"subnetIds": SUBNETS})
    wait_until("cluster", lambda: eks.describe_cluster(name="table-cluster")["cluster"]["status"] == "ACTIVE")
    eks.create_nodegroup(clusterName="table-cluster", nodegroupName="table-nodes", subnets=SUBNETS,
                         nodeRole=role("TableNodeRole", "ec2"))
    return Things(house.management_account, house.member_account, house.account_request, directory.instance_arn,
                  directory.identity_store_id, house.permission_set, assigned, group, person, mail, "TableRole",
                  policy.rsplit("/", 1)[1], "table-cluster", "table-nodes")


@pytest.fixture(scope="module")
def nothings(things: Things) -> Things:
    instance = "ssoins-0123456789abcdef"
    return Things(things.management_account, "999999999999", "car-0123456789abcdef0123456789abcdef",
                  f"arn:aws:sso:::instance/{instance}", "d-0123456789", f"arn:aws:sso:::permissionSet/{instance}/ps-0123456789abcdef",
                  "00000000-1111-2222-3333-444444444444", "00000000-1111-2222-3333-555555555555",
                  "00000000-1111-2222-3333-666666666666", "00000000-1111-2222-3333-777777777777", "NoSuchRole", "NoSuchPolicy",
                  "no-such-cluster", "no-such-nodegroup")


def _in_center(things: Things, **more: Any) -> dict[str, Any]:
    return {"InstanceArn": things.instance, **more}


def _in_store(things: Things, **more: Any) -> dict[str, Any]:
    return {"IdentityStoreId": things.store, **more}


def _in_set(things: Things, **more: Any) -> dict[str, Any]:
    return _in_center(things, PermissionSetArn=things.permission_set, **more)


ANY_POLICY = json.dumps(allow("s3:GetObject"))
ANY_TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}]})

# (service, operation, parameters): every call that the road's commands and console steps make, and that needs a right.
ROAD: list[tuple[str, str, Callable[[Things], dict[str, Any]]]] = [
    ("organizations", "CreateOrganization", lambda _: {"FeatureSet": "ALL"}),
    ("organizations", "DescribeOrganization", lambda _: {}),
    ("organizations", "CreateAccount", lambda _: {"Email": "more@example.com", "AccountName": "More"}),
    ("organizations", "DescribeCreateAccountStatus", lambda t: {"CreateAccountRequestId": t.account_request}),
    ("organizations", "DescribeAccount", lambda t: {"AccountId": t.member_account}),
    ("organizations", "ListAccounts", lambda _: {}),
    ("sekisho", "EnableIdentityCenter", lambda _: {}),
    ("sekisho", "UpdateMfaSettings", lambda t: _in_center(t, PromptMode="ALWAYS_ON")),
    ("sekisho", "InviteUser", lambda t: _in_store(t, UserId=t.person)),
    ("sekisho", "ListMail", lambda _: {"To": "table@example.com"}),
    ("sekisho", "GetMail", lambda t: {"MailId": t.mail}),
    ("sekisho", "DisableUser", lambda t: _in_store(t, UserId=t.person)),
    ("sekisho", "EnableUser", lambda t: _in_store(t, UserId=t.person)),
    ("sekisho", "ResetMfaDevices", lambda t: _in_store(t, UserId=t.person)),
    ("sekisho", "CreateMfaRecoveryCode", lambda t: _in_store(t, UserId=t.person)),
    ("sekisho", "SendEmailVerification", lambda t: _in_store(t, UserId=t.person)),
    ("sekisho", "ListSignIns", lambda t: _in_store(t, UserId=t.person)),
    ("sekisho", "ReportMailBounce", lambda t: {"MailId": t.mail, "Reason": "gone"}),
    ("sso-admin", "ListInstances", lambda _: {}),
    ("sso-admin", "CreatePermissionSet", lambda t: _in_center(t, Name="More")),
    ("sso-admin", "AttachManagedPolicyToPermissionSet", lambda t: _in_set(
        t, ManagedPolicyArn="arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")),
    ("sso-admin", "PutInlinePolicyToPermissionSet", lambda t: _in_set(t, InlinePolicy=ANY_POLICY)),
    ("sso-admin", "CreateAccountAssignment", lambda t: _in_set(
        t, TargetId=t.member_account, TargetType="AWS_ACCOUNT", PrincipalType="GROUP", PrincipalId=t.group)),
    ("sso-admin", "DeleteAccountAssignment", lambda t: _in_set(
        t, TargetId=t.member_account, TargetType="AWS_ACCOUNT", PrincipalType="GROUP", PrincipalId=t.group)),
    ("sso-admin", "DescribeAccountAssignmentCreationStatus", lambda t: _in_center(
        t, AccountAssignmentCreationRequestId=t.assignment_request)),
    ("identitystore", "CreateGroup", lambda t: _in_store(t, DisplayName="more")),
    ("identitystore", "CreateUser", lambda t: _in_store(t, UserName="more", DisplayName="More",
                                                        Name={"GivenName": "M", "FamilyName": "ore"})),
    ("identitystore", "CreateGroupMembership", lambda t: _in_store(t, GroupId=t.group, MemberId={"UserId": t.person})),
    ("identitystore", "DescribeUser", lambda t: _in_store(t, UserId=t.person)),
    ("sts", "AssumeRole", lambda t: {"RoleArn": t.role_arn(), "RoleSessionName": "proof"}),
    ("iam", "CreateRole", lambda t: {"RoleName": t.role, "AssumeRolePolicyDocument": ANY_TRUST}),
    ("iam", "CreatePolicy", lambda t: {"PolicyName": t.policy, "PolicyDocument": ANY_POLICY}),
    ("iam", "AttachRolePolicy", lambda t: {
        "RoleName": t.role, "PolicyArn": f"arn:aws:iam::{t.management_account}:policy/{t.policy}"}),
    ("iam", "ListAttachedRolePolicies", lambda t: {"RoleName": t.role}),
    ("eks", "CreateCluster", lambda t: {"name": t.cluster, "roleArn": t.role_arn(),
                                        "resourcesVpcConfig": {"subnetIds": SUBNETS}}),
    ("eks", "DescribeCluster", lambda t: {"name": t.cluster}),
    ("eks", "CreateNodegroup", lambda t: {"clusterName": t.cluster, "nodegroupName": t.nodegroup, "subnets": SUBNETS,
                                          "nodeRole": t.role_arn()}),
    ("eks", "DescribeNodegroup", lambda t: {"clusterName": t.cluster, "nodegroupName": t.nodegroup}),
    ("eks", "ListClusters", lambda _: {}),
]  # fmt: skip

# What the refusal shows as the resource; nothing where the action knows none.
INSTANCE = "arn:aws:sso:::instance/<instance>"
STORE = "arn:aws:identitystore::<management_account>:identitystore/<store>"
PERSON = "arn:aws:identitystore:::user/<person>"
CLUSTER = f"arn:aws:eks:{REGION}:<management_account>:cluster/<cluster>"
SHOWN = {
    "DescribeAccount": re.compile("arn:aws:organizations::<management_account>:account/o-[a-z0-9]+/<member_account>"),
    "UpdateMfaSettings": INSTANCE, "CreatePermissionSet": INSTANCE, "AttachManagedPolicyToPermissionSet": INSTANCE,
    "PutInlinePolicyToPermissionSet": INSTANCE, "CreateAccountAssignment": INSTANCE, "DeleteAccountAssignment": INSTANCE,
    "DescribeAccountAssignmentCreationStatus": INSTANCE,
    "InviteUser": PERSON, "ResetMfaDevices": PERSON, "CreateMfaRecoveryCode": PERSON, "SendEmailVerification": PERSON,
    "ListSignIns": PERSON, "DisableUser": STORE, "EnableUser": STORE,
    "CreateGroup": STORE, "CreateUser": STORE, "CreateGroupMembership": STORE, "DescribeUser": STORE,
    "AssumeRole": "arn:aws:iam::<management_account>:role/<role>", "CreateRole": "arn:aws:iam::<management_account>:role/<role>",
    "CreatePolicy": "policy <policy>", "AttachRolePolicy": "role <role>", "ListAttachedRolePolicies": "role <role>",
    "CreateCluster": CLUSTER, "DescribeCluster": CLUSTER, "CreateNodegroup": CLUSTER,
    "DescribeNodegroup": f"arn:aws:eks:{REGION}:<management_account>:nodegroup/<cluster>/<nodegroup>/*",
    "ListClusters": f"arn:aws:eks:{REGION}:<management_account>:cluster/*",
}  # fmt: skip

ACTION_PREFIX = {"sso-admin": "sso"}
DENIED_AS = {"iam": (403, "AccessDenied"), "sts": (403, "AccessDenied"), "eks": (403, "AccessDeniedException")}


@pytest.fixture(scope="module")
def strangers(boto: Boto, things: Things) -> dict[str, tuple[str, Keys]]:
    """An IAM user without policies, and one that may do everything but for an explicit deny of everything."""
    iam = boto.client("iam")
    found = {}
    for kind in ("implicit", "explicit"):
        arn = iam.create_user(UserName=f"{kind}ly-denied")["User"]["Arn"]
        key = iam.create_access_key(UserName=f"{kind}ly-denied")["AccessKey"]
        found[kind] = (arn, Keys(key["AccessKeyId"], key["SecretAccessKey"]))
    for effect in ("Allow", "Deny"):
        iam.put_user_policy(UserName="explicitly-denied", PolicyName=effect,
                            PolicyDocument=json.dumps(allow("*", effect=effect)))
    return found


class TestWrongRights:
    @pytest.mark.parametrize("kind", ["implicit", "explicit"])
    @pytest.mark.parametrize(("service", "operation", "parameters"), ROAD, ids=[f"{row[0]}-{row[1]}" for row in ROAD])
    def test_denied_with_the_text_of_aws(self, boto: Boto, strangers: dict[str, tuple[str, Keys]], things: Things,
                                         nothings: Things, service: str, operation: str, kind: str,
                                         parameters: Callable[[Things], dict[str, Any]]) -> None:
        """The same text whether the things named exist or not."""
        client = boto.client(service, strangers[kind][1])
        call = getattr(client, next(name for name, wire in client.meta.method_to_api_mapping.items() if wire == operation))
        action = f"{ACTION_PREFIX.get(service, service)}:{operation}"
        context = {"implicit": f" because no identity-based policy allows the {action} action",
                   "explicit": " with an explicit deny in an identity-based policy"}[kind]
        if action == "sts:AssumeRole":
            context = ""  # AWS names no kind of policy there
        shown = SHOWN.get(operation, "")
        resource = shown.pattern if isinstance(shown, re.Pattern) else re.escape(shown)
        user = f"arn:aws:iam::<management_account>:user/{kind}ly-denied"
        shape = re.compile(f"User: {user} is not authorized to perform: {action}"
                           + (f" on resource: {resource}" if resource else "") + context)
        for named in (things, nothings):
            status, code, message = refusal(call, **parameters(named))
            assert (status, code) == DENIED_AS.get(service, (400, "AccessDeniedException"))
            assert shape.fullmatch(named.blank(message)), message

    def test_who_am_i_needs_no_right_and_cannot_be_denied(self, boto: Boto, strangers: dict[str, tuple[str, Keys]]) -> None:
        for arn, keys in strangers.values():
            assert boto.client("sts", keys).get_caller_identity()["Arn"] == arn


@dataclass
class Employee:
    """A person who signed in once, in `groups`, each of which is assigned the permission set in the member account."""

    house: House
    user: str
    groups: list[str]
    memberships: list[str]
    access_token: str

    def credentials(self) -> Keys:
        given = self.house.boto.client("sso", unsigned=True).get_role_credentials(
            accessToken=self.access_token, accountId=self.house.member_account, roleName=PERMISSION_SET)["roleCredentials"]
        return Keys(given["accessKeyId"], given["secretAccessKey"], given["sessionToken"])

    def take(self, what: str, number: int) -> None:
        """Takes away a membership, an assignment, or a whole group, and returns when it is gone."""
        administration, directory = self.house.administration, self.house.directory
        store = {"IdentityStoreId": directory.identity_store_id}
        if what == "membership":
            administration.identities.delete_group_membership(**store, MembershipId=self.memberships[number])
        elif what == "group":
            administration.identities.delete_group(**store, GroupId=self.groups[number])
        else:
            assert what == "assignment"
            request = administration.sso.delete_account_assignment(
                InstanceArn=directory.instance_arn, PermissionSetArn=self.house.permission_set,
                TargetId=self.house.member_account, TargetType="AWS_ACCOUNT", PrincipalType="GROUP",
                PrincipalId=self.groups[number])["AccountAssignmentDeletionStatus"]["RequestId"]

            def status() -> str:
                now: str = administration.sso.describe_account_assignment_deletion_status(
                    InstanceArn=directory.instance_arn,
                    AccountAssignmentDeletionRequestId=request)["AccountAssignmentDeletionStatus"]["Status"]
                return "" if now == "IN_PROGRESS" else now

            assert wait_until("assignment gone", status) == "SUCCEEDED"


@pytest.fixture
def employee(request: pytest.FixtureRequest, house: House, browser: BrowserContext) -> Iterator[Employee]:
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.partition("[")[2] or request.node.name)
    administration, directory, boto = house.administration, house.directory, house.boto
    store = {"IdentityStoreId": directory.identity_store_id}
    groups = [administration.create_group(directory, f"{name}-{letter}") for letter in "ab"]
    for group in groups:
        administration.assign(directory, house.permission_set, house.member_account, group)
    user = administration.identities.create_user(
        **store, UserName=name, DisplayName=name, Name={"GivenName": "E", "FamilyName": "mployee"},
        Emails=[{"Value": f"{name}@example.com", "Type": "work", "Primary": True}])["UserId"]
    memberships = [administration.identities.create_group_membership(
        **store, GroupId=group, MemberId={"UserId": user})["MembershipId"] for group in groups]
    administration.sekisho.set_password(**store, UserId=user, Password=PASSWORD)

    browser.clear_cookies()
    page = browser.new_page()
    page.goto(directory.portal_url)
    enter_password(page, Person(name, PASSWORD))
    expect(page.get_by_text(house.member_account)).to_be_visible()
    page.close()
    oidc = boto.client("sso-oidc", unsigned=True)
    made = oidc.register_client(clientName="proof", clientType="public", scopes=["sso:account:access"])
    client = {"clientId": made["clientId"], "clientSecret": made["clientSecret"]}
    started = oidc.start_device_authorization(**client, startUrl=directory.portal_url)
    allow_command_line(browser, started["verificationUriComplete"], Person(name, PASSWORD))
    token = oidc.create_token(**client, grantType="urn:ietf:params:oauth:grant-type:device_code",
                              deviceCode=started["deviceCode"])["accessToken"]
    yield Employee(house, user, groups, memberships, token)
    administration.identities.delete_user(**store, UserId=user)
    for group in administration.identities.list_groups(**store)["Groups"]:
        if group["GroupId"] in groups:
            administration.identities.delete_group(**store, GroupId=group["GroupId"])


class TestGrants:
    @pytest.mark.parametrize(("first", "last"), [
        (("membership", 0), ("assignment", 1)), (("assignment", 1), ("membership", 0)), (("membership", 1), ("group", 0)),
        (("group", 0), ("assignment", 1)), (("assignment", 0), ("assignment", 1)),
    ], ids=lambda step: f"{step[0]}{step[1]}")  # fmt: skip
    def test_what_another_group_grants_stays(self, employee: Employee, house: House, first: tuple[str, int],
                                             last: tuple[str, int]) -> None:
        keys = employee.credentials()
        sts = house.boto.client("sts", keys)
        before = sts.get_caller_identity()["Arn"]
        employee.take(*first)
        assert sts.get_caller_identity()["Arn"] == before
        house.boto.client("eks", keys).list_clusters()
        assert house.boto.client("sts", employee.credentials()).get_caller_identity()["Arn"] == before
        employee.take(*last)
        assert refusal(sts.get_caller_identity)[:2] == (403, "InvalidClientTokenId")
        assert refusal(house.boto.client("eks", keys).list_clusters)[0] == 403
        with pytest.raises(ClientError) as refused:
            employee.credentials()
        assert refused.value.response["Error"]["Code"] == "ForbiddenException"
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403

    def test_a_disabled_person_is_out_at_the_next_request(self, employee: Employee, house: House) -> None:
        keys = employee.credentials()
        chained = house.boto.client("sts", keys)
        clients = {"sts": chained.get_caller_identity, "eks": house.boto.client("eks", keys).list_clusters}
        for call in clients.values():
            call()
        house.administration.set_user_enabled(house.directory, employee.user, False)
        assert {name: refusal(call)[0] for name, call in clients.items()} == {"sts": 403, "eks": 403}
        with pytest.raises(ClientError) as refused:
            employee.credentials()
        assert refused.value.response["Error"]["Code"] == "UnauthorizedException"
        house.administration.set_user_enabled(house.directory, employee.user, True)
        assert {name: refusal(call)[0] for name, call in clients.items()} == {"sts": 403, "eks": 403}


class TestServiceControlPolicies:
    @pytest.fixture
    def denial(self, house: House, boto: Boto) -> Iterator[Callable[[str], None]]:
        """Attaches a policy that denies iam:CreateUser; taken off and deleted at the end."""
        organizations = boto.client("organizations")
        root = organizations.list_roots()["Roots"][0]
        if not any(kind["Type"] == "SERVICE_CONTROL_POLICY" for kind in root["PolicyTypes"]):
            organizations.enable_policy_type(RootId=root["Id"], PolicyType="SERVICE_CONTROL_POLICY")
        policy = organizations.create_policy(
            Name="NoUsers", Description="", Type="SERVICE_CONTROL_POLICY",
            Content=json.dumps(allow("iam:CreateUser", effect="Deny")))["Policy"]["PolicySummary"]["Id"]
        targets: list[str] = []

        def attach(target: str) -> None:
            targets.append(root["Id"] if target == "root" else target)
            organizations.attach_policy(PolicyId=policy, TargetId=targets[-1])

        yield attach
        for target in targets:
            organizations.detach_policy(PolicyId=policy, TargetId=target)
        organizations.delete_policy(PolicyId=policy)

    @pytest.mark.parametrize("level", ["root", "account"])
    def test_binds_member_accounts_and_not_the_management_account(
            self, house: House, boto: Boto, denial: Callable[[str], None], level: str) -> None:
        member, management = boto.client("iam", house.member_keys()), boto.client("iam")
        name = f"bound-at-{level}"
        member.create_user(UserName=name)
        member.delete_user(UserName=name)
        for target in ("root",) if level == "root" else (house.member_account, house.management_account):
            denial(target)
        status, code, message = refusal(member.create_user, UserName=name)
        assert (status, code) == (403, "AccessDenied")
        assert re.fullmatch(
            rf"User: arn:aws:sts::{house.member_account}:assumed-role/OrganizationAccountAccessRole/proof is not authorized to "
            rf"perform: iam:CreateUser on resource: arn:aws:iam::{house.member_account}:user/{name} with an explicit deny in a "
            r"service control policy(: arn:aws:organizations::\d{12}:policy/o-[a-z0-9]+/service_control_policy/p-[a-z0-9]+)?",
            message), message
        member.list_users()
        management.create_user(UserName=name)
        management.delete_user(UserName=name)

    def test_ends_when_it_is_taken_off(self, house: House, boto: Boto) -> None:
        organizations, member = boto.client("organizations"), boto.client("iam", house.member_keys())
        root = organizations.list_roots()["Roots"][0]["Id"]
        policy = organizations.create_policy(
            Name="NoLists", Description="", Type="SERVICE_CONTROL_POLICY",
            Content=json.dumps(allow("iam:ListUsers", effect="Deny")))["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=policy, TargetId=root)
        assert refusal(member.list_users)[:2] == (403, "AccessDenied")
        organizations.detach_policy(PolicyId=policy, TargetId=root)
        member.list_users()
        organizations.delete_policy(PolicyId=policy)
