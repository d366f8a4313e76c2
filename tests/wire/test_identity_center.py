"""Identity Center through boto3: the identity store, permission sets, assignments, and the roles that they become."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from administration import Administration, Directory, wait_until
from botocore.exceptions import ClientError
from clients import Boto, Keys

VIEW_ONLY = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"


@pytest.fixture(scope="module")
def administration(boto: Boto) -> Administration:
    return Administration(boto)


@pytest.fixture(scope="module")
def center(boto: Boto, administration: Administration) -> Directory:
    with pytest.raises(ClientError, match="organization"):
        administration.sekisho.enable_identity_center()
    boto.client("organizations").create_organization(FeatureSet="ALL")
    return administration.enable_identity_center()


@pytest.fixture(scope="module")
def account(boto: Boto) -> str:
    return boto.client("sts").get_caller_identity()["Account"]


@pytest.fixture
def user(administration: Administration, center: Directory) -> Iterator[str]:
    identities, store = administration.identities, center.identity_store_id
    made = identities.create_user(IdentityStoreId=store, UserName="EksAdmin", DisplayName="EKS Admin",
                                  Name={"GivenName": "EKS", "FamilyName": "Admin"},
                                  Emails=[{"Value": "eks@example.com", "Type": "work", "Primary": True}])
    yield made["UserId"]
    identities.delete_user(IdentityStoreId=store, UserId=made["UserId"])


def test_instance(administration: Administration, center: Directory, account: str) -> None:
    instances = administration.sso.list_instances()["Instances"]
    assert [instance["InstanceArn"] for instance in instances] == [center.instance_arn]
    assert instances[0]["IdentityStoreId"] == center.identity_store_id
    assert instances[0]["OwnerAccountId"] == account
    assert instances[0]["Status"] == "ACTIVE"
    with pytest.raises(administration.sekisho.exceptions.ConflictException):
        administration.sekisho.enable_identity_center()


def test_names_that_look_alike(administration: Administration, center: Directory, user: str) -> None:
    identities, store = administration.identities, center.identity_store_id
    for name in ("eksadmin", "\uff25ksAdmin"):
        with pytest.raises(identities.exceptions.ConflictException) as refused:
            identities.create_user(IdentityStoreId=store, UserName=name, DisplayName="x",
                                   Name={"GivenName": "x", "FamilyName": "y"})
        assert refused.value.response["Reason"] == "UNIQUENESS_CONSTRAINT_VIOLATION"
        assert "Duplicate UserName" in str(refused.value)
    with pytest.raises(identities.exceptions.ValidationException, match="reserved"):
        identities.create_group(IdentityStoreId=store, DisplayName="AWSAdministrators")


def test_lookup_and_update(administration: Administration, center: Directory, user: str) -> None:
    identities, store = administration.identities, center.identity_store_id
    by_name = {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "EksAdmin"}}
    assert identities.get_user_id(IdentityStoreId=store, AlternateIdentifier=by_name)["UserId"] == user
    identities.update_user(IdentityStoreId=store, UserId=user, Operations=[
        {"AttributePath": "name.givenName", "AttributeValue": "Other"},
        {"AttributePath": "title", "AttributeValue": "Boss"},
        {"AttributePath": "phoneNumbers", "AttributeValue": [{"value": "+81 3 0000 0000", "primary": True}]}])
    now = identities.describe_user(IdentityStoreId=store, UserId=user)
    assert now["Name"]["GivenName"] == "Other"
    assert now["Title"] == "Boss"
    assert now["PhoneNumbers"] == [{"Value": "+81 3 0000 0000", "Primary": True}]
    with pytest.raises(identities.exceptions.ResourceNotFoundException) as missing:
        identities.get_user_id(IdentityStoreId=store, AlternateIdentifier={
            "UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "eksadmin"}})
    assert missing.value.response["ResourceType"] == "USER"


def test_pages(administration: Administration, center: Directory) -> None:
    identities, store = administration.identities, center.identity_store_id
    groups = {administration.create_group(center, f"group {number}") for number in range(5)}
    pages = identities.get_paginator("list_groups").paginate(IdentityStoreId=store, PaginationConfig={"PageSize": 2})
    sizes = [len(page["Groups"]) for page in pages]
    assert sizes == [2, 2, 1]
    for group in groups:
        identities.delete_group(IdentityStoreId=store, GroupId=group)


def test_assignment_becomes_a_role(boto: Boto, administration: Administration, center: Directory, user: str,
                                   account: str) -> None:
    group = administration.create_group(center, "administrators")
    administration.identities.create_group_membership(IdentityStoreId=center.identity_store_id, GroupId=group,
                                                      MemberId={"UserId": user})
    permission_set = administration.create_permission_set(center, "Article")
    administration.assign(center, permission_set, account, group)

    iam = boto.client("iam")
    roles = iam.list_roles(PathPrefix="/aws-reserved/sso.amazonaws.com/")["Roles"]
    assert [role["RoleName"].rsplit("_", 1)[0] for role in roles] == ["AWSReservedSSO_Article"]
    name = roles[0]["RoleName"]
    trust = roles[0]["AssumeRolePolicyDocument"]["Statement"][0]
    assert trust["Action"] == ["sts:AssumeRoleWithSAML", "sts:TagSession"]
    assert "_DO_NOT_DELETE" in trust["Principal"]["Federated"]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [VIEW_ONLY]
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["AwsSSOInlinePolicy"]
    with pytest.raises(ClientError) as protected:
        iam.delete_role_policy(RoleName=name, PolicyName="AwsSSOInlinePolicy")
    assert protected.value.response["Error"]["Code"] == "UnmodifiableEntity"

    place = {"InstanceArn": center.instance_arn, "PermissionSetArn": permission_set}
    with pytest.raises(administration.sso.exceptions.ConflictException):
        administration.sso.delete_permission_set(**place)
    held = administration.sso.list_account_assignments_for_principal(
        InstanceArn=center.instance_arn, PrincipalType="USER", PrincipalId=user)["AccountAssignments"]
    assert [(item["PrincipalType"], item["PrincipalId"]) for item in held] == [("GROUP", group)]

    # A group that goes takes its assignments, and the account's role, along.
    administration.identities.delete_group(IdentityStoreId=center.identity_store_id, GroupId=group)
    wait_until("role gone", lambda: not iam.list_roles(PathPrefix="/aws-reserved/")["Roles"])
    administration.sso.delete_permission_set(**place)


def test_inline_policy_is_checked(administration: Administration, center: Directory) -> None:
    permission_set = administration.create_permission_set(center, "Checked")
    place = {"InstanceArn": center.instance_arn, "PermissionSetArn": permission_set}
    with pytest.raises(administration.sso.exceptions.ValidationException):
        administration.sso.put_inline_policy_to_permission_set(**place, InlinePolicy=json.dumps({"Statement": 1}))
    administration.sso.delete_inline_policy_from_permission_set(**place)
    assert administration.sso.get_inline_policy_for_permission_set(**place)["InlinePolicy"] == ""
    administration.sso.delete_permission_set(**place)


def test_disabled_users_show(administration: Administration, center: Directory, user: str) -> None:
    def status() -> Any:
        return administration.identities.describe_user(IdentityStoreId=center.identity_store_id,
                                                       UserId=user)["UserStatus"]

    assert status() == "ENABLED"
    administration.set_user_enabled(center, user, False)
    assert status() == "DISABLED"
    administration.set_user_enabled(center, user, True)
    assert status() == "ENABLED"


def test_regions_are_added_and_removed(administration: Administration, center: Directory) -> None:
    sso = administration.sso
    place = {"InstanceArn": center.instance_arn}
    primary = sso.list_regions(**place)["Regions"]
    assert [(region["Status"], region["IsPrimaryRegion"]) for region in primary] == [("ACTIVE", True)]
    assert sso.add_region(**place, RegionName="eu-central-1")["Status"] == "ADDING"
    wait_until("region added", lambda: sso.describe_region(**place, RegionName="eu-central-1")["Status"] == "ACTIVE")
    with pytest.raises(sso.exceptions.ConflictException):
        sso.add_region(**place, RegionName="eu-central-1")
    with pytest.raises(sso.exceptions.ValidationException):
        sso.remove_region(**place, RegionName=primary[0]["RegionName"])
    assert sso.remove_region(**place, RegionName="eu-central-1")["Status"] == "REMOVING"
    wait_until("region removed", lambda: len(sso.list_regions(**place)["Regions"]) == 1)
    with pytest.raises(sso.exceptions.ResourceNotFoundException):
        sso.describe_region(**place, RegionName="eu-central-1")


def test_role_names_can_be_stable(boto: Boto, administration: Administration, center: Directory, user: str,
                                  account: str) -> None:
    sekisho, iam = administration.sekisho, boto.client("iam")
    group = administration.create_group(center, "stable")

    def name_of_role_made_anew() -> str:
        permission_set = administration.create_permission_set(center, "Stable")
        administration.assign(center, permission_set, account, group)
        roles = iam.list_roles(PathPrefix="/aws-reserved/sso.amazonaws.com/")["Roles"]
        name: str = next(role["RoleName"] for role in roles if role["RoleName"].startswith("AWSReservedSSO_Stable_"))
        administration.sso.delete_account_assignment(
            InstanceArn=center.instance_arn, PermissionSetArn=permission_set, TargetId=account,
            TargetType="AWS_ACCOUNT", PrincipalType="GROUP", PrincipalId=group)
        wait_until("role gone", lambda: not iam.list_roles(PathPrefix="/aws-reserved/")["Roles"])
        administration.sso.delete_permission_set(InstanceArn=center.instance_arn, PermissionSetArn=permission_set)
        return name

    assert sekisho.describe_identity_center()["StableRoleNames"] is False
    assert name_of_role_made_anew() != name_of_role_made_anew(), "as AWS has it"
    assert sekisho.update_identity_center(StableRoleNames=True)["StableRoleNames"] is True
    assert name_of_role_made_anew() == name_of_role_made_anew()
    sekisho.update_identity_center(StableRoleNames=False)
    administration.identities.delete_group(IdentityStoreId=center.identity_store_id, GroupId=group)


def test_a_deleted_instance_leaves_nothing(boto: Boto, administration: Administration, center: Directory,
                                           account: str) -> None:
    """The last one: the module's instance goes, and another comes."""
    sso, iam = administration.sso, boto.client("iam")
    user = administration.identities.create_user(IdentityStoreId=center.identity_store_id, UserName="leaver",
                                                 DisplayName="x", Name={"GivenName": "x", "FamilyName": "y"})["UserId"]
    group = administration.create_group(center, "leavers")
    administration.identities.create_group_membership(IdentityStoreId=center.identity_store_id, GroupId=group,
                                                      MemberId={"UserId": user})
    permission_set = administration.create_permission_set(center, "Leaving")
    administration.assign(center, permission_set, account, group)
    iam.create_user(UserName="powerless")
    made = iam.create_access_key(UserName="powerless")["AccessKey"]
    keys = Keys(made["AccessKeyId"], made["SecretAccessKey"])
    with pytest.raises(ClientError, match="not authorized to perform: sso:DeleteInstance"):
        boto.client("sso-admin", keys).delete_instance(InstanceArn=center.instance_arn)

    sso.delete_instance(InstanceArn=center.instance_arn)
    for gone in (sso.describe_instance, sso.delete_instance):
        with pytest.raises(sso.exceptions.AccessDeniedException):
            gone(InstanceArn=center.instance_arn)
    with pytest.raises(administration.identities.exceptions.ResourceNotFoundException):
        administration.identities.describe_user(IdentityStoreId=center.identity_store_id, UserId=user)
    assert sso.list_instances()["Instances"] == []
    wait_until("roles gone", lambda: not iam.list_roles(PathPrefix="/aws-reserved/")["Roles"])

    # The module's fixtures find the next one as they left the first.
    next_one = administration.enable_identity_center()
    assert next_one.instance_arn != center.instance_arn
    center.instance_arn, center.identity_store_id = next_one.instance_arn, next_one.identity_store_id
