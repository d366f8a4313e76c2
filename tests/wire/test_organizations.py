"""Organizations through the aws CLI and boto3: the life of an invitation from both accounts' credentials, all features,
and what the management account delegates."""

import json
import ssl
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from administration import Administration, wait_until
from botocore.exceptions import ClientError
from clients import Boto, Keys, aws, aws_json, cli, shell_environment
from server import Server

ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def refusal(call: Callable[..., Any], /, **arguments: Any) -> tuple[str, str, str | None]:
    """Code, message and reason."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403), response
    return response["Error"]["Code"], response["Error"]["Message"], response.get("Reason")


@dataclass
class Account:
    """An account with an administrator of its own, so that it has hands when it belongs to nobody."""

    id: str
    email: str
    keys: Keys
    boto: Boto

    @property
    def organizations(self) -> Any:
        return self.boto.client("organizations", self.keys)


def create_account(boto: Boto, email: str) -> Account:
    organizations = boto.client("organizations")
    request = organizations.create_account(Email=email, AccountName=email.split("@")[0])["CreateAccountStatus"]["Id"]

    def made() -> str:
        status = organizations.describe_create_account_status(CreateAccountRequestId=request)["CreateAccountStatus"]
        assert status["State"] != "FAILED", status
        return status["AccountId"] if status["State"] == "SUCCEEDED" else ""

    account = wait_until("account", made)
    assumed = boto.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", RoleSessionName="first")
    iam = boto.client("iam", Keys.from_response(assumed["Credentials"]))
    iam.create_user(UserName="owner")
    iam.put_user_policy(UserName="owner", PolicyName="all", PolicyDocument=json.dumps(ALL))
    key = iam.create_access_key(UserName="owner")["AccessKey"]
    return Account(account, email, Keys(key["AccessKeyId"], key["SecretAccessKey"]), boto)


@pytest.fixture(scope="module")
def organizations(boto: Boto) -> Any:
    client = boto.client("organizations")
    client.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    return client


@pytest.fixture(scope="module")
def guest(boto: Boto, organizations: Any) -> Account:
    """An account that was a member and belongs to nobody now."""
    account = create_account(boto, "guest@example.com")
    organizations.tag_resource(ResourceId=account.id, Tags=[{"Key": "team", "Value": "a"}])
    organizations.remove_account_from_organization(AccountId=account.id)
    assert refusal(account.organizations.describe_organization) == (
        "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.", None)
    return account


def follow(link: str, boto: Boto) -> str:
    with urllib.request.urlopen(link, context=ssl.create_default_context(cafile=boto.ca), timeout=20) as answer:
        return answer.read().decode()


class TestInvitation:
    STEPS = True

    def test_the_address_is_verified_first(self, boto: Boto, organizations: Any, guest: Account) -> None:
        target = {"Id": guest.id, "Type": "ACCOUNT"}
        code, message, _ = refusal(organizations.invite_account_to_organization, Target=target)
        assert code == "AccountOwnerNotVerifiedException"
        assert message.startswith("You can't invite an existing account to your organization until you verify")
        administration = Administration(boto)
        address = organizations.describe_organization()["Organization"]["MasterAccountEmail"]
        assert administration.sekisho.send_organization_verification()["EmailAddress"] == address
        page = follow(administration.link_in_mail(address, "Verify"), boto)
        assert address in page
        assert refusal(administration.sekisho.send_organization_verification)[0] == "ConflictException"

    def test_from_invitation_to_membership(self, server: Server, boto: Boto, organizations: Any, guest: Account,
                                           module_folder: Path) -> None:
        """With the newest aws CLI, typed as the user guide types it."""
        chief = shell_environment(server, cli("newest-endpoint"), module_folder)
        owner = chief | guest.keys.exports()
        invited = aws_json(chief, "organizations", "invite-account-to-organization", "--target",
                           f"Id={guest.email},Type=EMAIL", "--notes", "Come and join us", "--tags",
                           "Key=team,Value=b")["Handshake"]
        own = organizations.describe_organization()["Organization"]
        assert invited["State"] == "OPEN"
        assert invited["Action"] == "INVITE"
        assert invited["Arn"] == (f"arn:aws:organizations::{own['MasterAccountId']}:handshake/{own['Id']}/invite/"
                                  f"{invited['Id']}")
        assert invited["Parties"] == [{"Id": own["Id"], "Type": "ORGANIZATION"}, {"Id": guest.email, "Type": "EMAIL"}]
        sender, receiver, notes = invited["Resources"]
        assert sender["Type"] == "ORGANIZATION"
        assert {item["Type"]: item["Value"] for item in sender["Resources"]} == {
            "MASTER_EMAIL": own["MasterAccountEmail"],
            "MASTER_NAME": organizations.describe_account(AccountId=own["MasterAccountId"])["Account"]["Name"],
            "ORGANIZATION_FEATURE_SET": "CONSOLIDATED_BILLING"}
        assert receiver == {"Type": "EMAIL", "Value": guest.email}
        assert notes == {"Type": "NOTES", "Value": "Come and join us"}

        listed = server.command("mail").stdout
        assert guest.email in listed
        shown = server.command("mail", "show", "latest").stdout
        assert f"accept-handshake --handshake-id {invited['Id']}" in shown
        assert "Come and join us" in shown

        again = aws(chief, "organizations", "invite-account-to-organization", "--target", f"Id={guest.id},Type=ACCOUNT",
                    check=False)
        assert "(DuplicateHandshakeException)" in again.stderr
        mine = aws_json(owner, "organizations", "list-handshakes-for-account")["Handshakes"]
        assert [handshake["Id"] for handshake in mine] == [invited["Id"]]
        accepted = aws_json(owner, "organizations", "accept-handshake", "--handshake-id", invited["Id"])["Handshake"]
        assert accepted["State"] == "ACCEPTED"

        account = organizations.describe_account(AccountId=guest.id)["Account"]
        assert account["JoinedMethod"] == "INVITED"
        root = organizations.list_roots()["Roots"][0]["Id"]
        assert organizations.list_parents(ChildId=guest.id)["Parents"] == [{"Id": root, "Type": "ROOT"}]
        assert organizations.list_tags_for_resource(ResourceId=guest.id)["Tags"] == [{"Key": "team", "Value": "b"}]
        assert guest.organizations.describe_organization()["Organization"]["Id"] == own["Id"]
        assert refusal(organizations.invite_account_to_organization, Target={"Id": guest.id, "Type": "ACCOUNT"})[::2] == (
            "HandshakeConstraintViolationException", "ALREADY_IN_AN_ORGANIZATION")

    def test_leaving_declining_canceling(self, organizations: Any, guest: Account) -> None:
        guest.organizations.leave_organization()
        target = {"Id": guest.id, "Type": "ACCOUNT"}

        def invite() -> str:
            return organizations.invite_account_to_organization(Target=target)["Handshake"]["Id"]

        first = invite()
        assert refusal(organizations.accept_handshake, HandshakeId=first) == (
            "AccessDeniedException", "You don't have permissions to access this resource.", None)
        assert guest.organizations.decline_handshake(HandshakeId=first)["Handshake"]["State"] == "DECLINED"
        assert refusal(guest.organizations.decline_handshake, HandshakeId=first)[0] == "HandshakeAlreadyInStateException"
        assert refusal(guest.organizations.accept_handshake, HandshakeId=first)[0] == "InvalidHandshakeTransitionException"
        second = invite()
        assert refusal(guest.organizations.cancel_handshake, HandshakeId=second)[0] == "AccessDeniedException"
        assert organizations.cancel_handshake(HandshakeId=second)["Handshake"]["State"] == "CANCELED"
        third = invite()
        states = {item["Id"]: item["State"] for page in organizations.get_paginator(
            "list_handshakes_for_organization").paginate(Filter={"ActionType": "INVITE"}, PaginationConfig={"PageSize": 2})
            for item in page["Handshakes"]}
        assert {states[first], states[second], states[third]} == {"DECLINED", "CANCELED", "OPEN"}
        guest.organizations.accept_handshake(HandshakeId=third)

    def test_wrong_rights(self, boto: Boto, organizations: Any, guest: Account) -> None:
        """The same refusal whether the handshake exists or not; a third account finds nothing."""
        iam = boto.client("iam", guest.keys)
        iam.create_user(UserName="clerk")
        key = iam.create_access_key(UserName="clerk")["AccessKey"]
        clerk = boto.client("organizations", Keys(key["AccessKeyId"], key["SecretAccessKey"]))
        sent = organizations.list_handshakes_for_organization()["Handshakes"][0]["Id"]
        for call in (clerk.accept_handshake, clerk.describe_handshake, clerk.decline_handshake, clerk.cancel_handshake):
            refused = refusal(call, HandshakeId=sent)
            assert refused == refusal(call, HandshakeId="h-0123456789abcdef")
            assert refused[0] == "AccessDeniedException"
            assert "because no identity-based policy allows the organizations:" in refused[1]
        other = create_account(boto, "other@example.com")
        for call in (other.organizations.accept_handshake, other.organizations.cancel_handshake):
            assert refusal(call, HandshakeId=sent)[0] == "HandshakeNotFoundException"


class TestAllFeatures:
    STEPS = True

    def test_policies_need_them(self, organizations: Any) -> None:
        root = organizations.list_roots()["Roots"][0]["Id"]
        assert organizations.describe_organization()["Organization"]["AvailablePolicyTypes"] == []
        assert refusal(organizations.enable_policy_type, RootId=root, PolicyType="SERVICE_CONTROL_POLICY")[0] == (
            "PolicyTypeNotAvailableForOrganizationException")

    def test_invited_accounts_approve(self, organizations: Any, guest: Account) -> None:
        request = organizations.enable_all_features()["Handshake"]
        assert (request["State"], request["Action"]) == ("REQUESTED", "ENABLE_ALL_FEATURES")
        assert refusal(organizations.accept_handshake, HandshakeId=request["Id"])[0] == "InvalidHandshakeTransitionException"
        only = {"Filter": {"ActionType": "APPROVE_ALL_FEATURES"}}
        asked = wait_until("approval", lambda: guest.organizations.list_handshakes_for_account(**only)["Handshakes"])[0]
        assert {item["Type"]: item["Value"] for item in asked["Resources"]} == {
            "PARENT_HANDSHAKE": request["Id"], "ORGANIZATION": request["Parties"][0]["Id"], "ACCOUNT": guest.id}
        guest.organizations.accept_handshake(HandshakeId=asked["Id"])

        def state() -> str:
            return organizations.describe_handshake(HandshakeId=request["Id"])["Handshake"]["State"]

        wait_until("open request", lambda: state() == "OPEN")
        organizations.accept_handshake(HandshakeId=request["Id"])
        assert organizations.describe_organization()["Organization"]["FeatureSet"] == "ALL"
        assert refusal(organizations.enable_all_features) == (
            "HandshakeConstraintViolationException", "All features are already enabled on this organization.",
            "ORGANIZATION_ALREADY_HAS_ALL_FEATURES")

    def test_a_control_policy_binds_the_guest(self, organizations: Any, guest: Account) -> None:
        root = organizations.list_roots()["Roots"][0]["Id"]
        organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
        stay = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}]}
        policy = organizations.create_policy(Name="stay", Description="", Type="SERVICE_CONTROL_POLICY",
                                             Content=json.dumps(stay))["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=policy, TargetId=guest.id)
        code, message, _ = refusal(guest.organizations.leave_organization)
        assert code == "AccessDeniedException"
        assert "with an explicit deny in a service control policy" in message

    def test_a_member_acts_by_the_resource_policy(self, organizations: Any, guest: Account) -> None:
        assert refusal(guest.organizations.list_accounts) == (
            "AccessDeniedException", "You don't have permissions to access this resource.", None)
        content = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{guest.id}:root"},
            "Action": ["organizations:List*", "organizations:CreatePolicy"], "Resource": "*"}]}
        put = organizations.put_resource_policy(Content=json.dumps(content))["ResourcePolicy"]
        assert put["ResourcePolicySummary"]["Id"].startswith("rp-")
        assert organizations.describe_resource_policy()["ResourcePolicy"] == put
        assert guest.id in {account["Id"] for account in guest.organizations.list_accounts()["Accounts"]}
        guest.organizations.create_policy(Name="theirs", Description="", Type="SERVICE_CONTROL_POLICY",
                                          Content=json.dumps(ALL))
        assert refusal(guest.organizations.create_organizational_unit, ParentId=organizations.list_roots()["Roots"][0]["Id"],
                       Name="unit")[0] == "AccessDeniedException"
        organizations.delete_resource_policy()
        assert refusal(organizations.describe_resource_policy)[0] == "ResourcePolicyNotFoundException"
        assert refusal(guest.organizations.list_accounts)[0] == "AccessDeniedException"
