"""IAM through boto3, as its users drive it: names, documents, pages, errors, and what permissions then allow."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from clients import Boto, Keys

VIEW_ONLY = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
LISTS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}]}


@pytest.fixture(scope="module")
def iam(boto: Boto) -> Any:
    return boto.client("iam")


@pytest.fixture(scope="module")
def account(boto: Boto) -> str:
    return boto.client("sts").get_caller_identity()["Account"]


@pytest.fixture(scope="module")
def trust(account: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}]}


@pytest.fixture
def role(iam: Any, trust: dict[str, Any]) -> Iterator[str]:
    iam.create_role(RoleName="wire-role", AssumeRolePolicyDocument=json.dumps(trust))
    yield "wire-role"
    for attached in iam.list_attached_role_policies(RoleName="wire-role")["AttachedPolicies"]:
        iam.detach_role_policy(RoleName="wire-role", PolicyArn=attached["PolicyArn"])
    for name in iam.list_role_policies(RoleName="wire-role")["PolicyNames"]:
        iam.delete_role_policy(RoleName="wire-role", PolicyName=name)
    iam.delete_role(RoleName="wire-role")


@pytest.fixture
def user(iam: Any) -> Iterator[str]:
    iam.create_user(UserName="wire-user")
    yield "wire-user"
    for key in iam.list_access_keys(UserName="wire-user")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="wire-user", AccessKeyId=key["AccessKeyId"])
    for name in iam.list_user_policies(UserName="wire-user")["PolicyNames"]:
        iam.delete_user_policy(UserName="wire-user", PolicyName=name)
    iam.delete_user(UserName="wire-user")


def refusal(call: Any, /, **arguments: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def test_role_comes_back_as_it_was_made(iam: Any, account: str, trust: dict[str, Any]) -> None:
    made = iam.create_role(Path="/wire/", RoleName="Made", AssumeRolePolicyDocument=json.dumps(trust), Description="d",
                           MaxSessionDuration=7200, Tags=[{"Key": "team", "Value": "red"}])["Role"]
    assert made["Arn"] == f"arn:aws:iam::{account}:role/wire/Made"
    assert re.fullmatch(r"AROA[A-Z2-7]{17}", made["RoleId"])
    shown = iam.get_role(RoleName="Made")["Role"]
    assert shown["AssumeRolePolicyDocument"] == trust
    assert (shown["Description"], shown["MaxSessionDuration"]) == ("d", 7200)
    assert shown["Tags"] == [{"Key": "team", "Value": "red"}]
    assert shown["RoleLastUsed"] == {}
    assert [role["RoleName"] for role in iam.list_roles(PathPrefix="/wire/")["Roles"]] == ["Made"]
    iam.delete_role(RoleName="Made")
    assert refusal(iam.get_role, RoleName="Made") == (404, "NoSuchEntity", "The role with name Made cannot be found.")


def test_validation_speaks_as_aws_does(iam: Any, trust: dict[str, Any]) -> None:
    status, code, message = refusal(iam.create_role, RoleName="no spaces", AssumeRolePolicyDocument=json.dumps(trust))
    assert (status, code) == (400, "ValidationError")
    assert message.startswith("1 validation error detected: Value 'no spaces' at 'roleName' failed to satisfy constraint: "
                              "Member must satisfy regular expression pattern")
    assert refusal(iam.create_role, RoleName="r", AssumeRolePolicyDocument="{")[:2] == (400, "MalformedPolicyDocument")
    assert refusal(iam.list_roles, Marker="rubbish") == (400, "ValidationError", "Invalid Marker.")


def test_trust_needs_a_principal_that_exists(iam: Any, account: str, trust: dict[str, Any]) -> None:
    arn = f"arn:aws:iam::{account}:role/not-there"
    trust = json.loads(json.dumps(trust))
    trust["Statement"][0]["Principal"]["AWS"] = arn
    assert refusal(iam.create_role, RoleName="r", AssumeRolePolicyDocument=json.dumps(trust)) == (
        400, "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{arn}"')


def test_inline_policies(iam: Any, role: str) -> None:
    iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=json.dumps(LISTS))
    assert iam.get_role_policy(RoleName=role, PolicyName="p")["PolicyDocument"] == LISTS
    assert refusal(iam.delete_role, RoleName=role) == (409, "DeleteConflict",
                                                       "Cannot delete entity, must delete policies first.")


def test_managed_policy_and_its_versions(iam: Any, role: str, account: str) -> None:
    arn = iam.create_policy(PolicyName="Wire", PolicyDocument=json.dumps(LISTS))["Policy"]["Arn"]
    assert arn == f"arn:aws:iam::{account}:policy/Wire"
    second = LISTS | {"Statement": [LISTS["Statement"][0] | {"Sid": "Second"}]}  # type: ignore[index,operator,dict-item]
    assert iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(second),
                                     SetAsDefault=True)["PolicyVersion"]["VersionId"] == "v2"
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"] == second
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert [found["RoleName"] for found in iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]] == [role]
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    assert refusal(iam.delete_policy, PolicyArn=arn) == (409, "DeleteConflict",
                                                         "Cannot delete a policy attached to entities.")
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def test_aws_policies_are_there(iam: Any) -> None:
    policy = iam.get_policy(PolicyArn=VIEW_ONLY)["Policy"]
    document = iam.get_policy_version(PolicyArn=VIEW_ONLY, VersionId=policy["DefaultVersionId"])["PolicyVersion"]["Document"]
    assert document["Version"] == "2012-10-17" and document["Statement"]
    names = [found["PolicyName"] for page in iam.get_paginator("list_policies").paginate(Scope="AWS")
             for found in page["Policies"]]
    assert len(names) == len(set(names)) > 1000
    assert {"AdministratorAccess", "ViewOnlyAccess", "AmazonEKSClusterPolicy", "AmazonEKSWorkerNodePolicy"} <= set(names)


def test_lists_are_paged(iam: Any) -> None:
    made = [f"page-{number}" for number in range(5)]
    for name in made:
        iam.create_user(Path="/page/", UserName=name)
    pages = list(iam.get_paginator("list_users").paginate(PathPrefix="/page/", PaginationConfig={"PageSize": 2}))
    assert [found["UserName"] for page in pages for found in page["Users"]] == made
    assert len(pages) >= 3 and all(len(page["Users"]) <= 2 for page in pages)
    for name in made:
        iam.delete_user(UserName=name)


def test_keys_of_a_user_work_until_they_are_off(iam: Any, boto: Boto, user: str, account: str) -> None:
    key = iam.create_access_key(UserName=user)["AccessKey"]
    keys = Keys(key["AccessKeyId"], key["SecretAccessKey"])
    assert boto.client("sts", keys).get_caller_identity()["Arn"] == f"arn:aws:iam::{account}:user/{user}"
    as_user = boto.client("iam", keys)
    status, code, message = refusal(as_user.get_role, RoleName="any")
    assert (status, code) == (403, "AccessDenied")
    assert message == (f"User: arn:aws:iam::{account}:user/{user} is not authorized to perform: iam:GetRole on resource: "
                       "role any because no identity-based policy allows the iam:GetRole action")
    iam.put_user_policy(UserName=user, PolicyName="lists", PolicyDocument=json.dumps(LISTS))
    assert as_user.list_users()["Users"]
    iam.update_access_key(UserName=user, AccessKeyId=keys.access_key_id, Status="Inactive")
    assert refusal(as_user.list_users)[:2] == (403, "InvalidClientTokenId")
    iam.update_access_key(UserName=user, AccessKeyId=keys.access_key_id, Status="Active")
    iam.create_access_key(UserName=user)
    assert refusal(iam.create_access_key, UserName=user) == (409, "LimitExceeded",
                                                             "Cannot exceed quota for AccessKeysPerUser: 2")


def test_groups_grant(iam: Any, boto: Boto, user: str) -> None:
    key = iam.create_access_key(UserName=user)["AccessKey"]
    as_user = boto.client("iam", Keys(key["AccessKeyId"], key["SecretAccessKey"]))
    iam.create_group(GroupName="wire-group")
    iam.put_group_policy(GroupName="wire-group", PolicyName="lists", PolicyDocument=json.dumps(LISTS))
    assert refusal(as_user.list_roles)[1] == "AccessDenied"
    iam.add_user_to_group(GroupName="wire-group", UserName=user)
    assert as_user.list_roles()["IsTruncated"] in (True, False)
    assert [found["UserName"] for found in iam.get_group(GroupName="wire-group")["Users"]] == [user]
    iam.remove_user_from_group(GroupName="wire-group", UserName=user)
    assert refusal(as_user.list_roles)[1] == "AccessDenied"
    iam.delete_group_policy(GroupName="wire-group", PolicyName="lists")
    iam.delete_group(GroupName="wire-group")


def test_login_profile(iam: Any, user: str) -> None:
    made = iam.create_login_profile(UserName=user, Password="Quiet-Harbour-42!", PasswordResetRequired=True)["LoginProfile"]
    assert made["PasswordResetRequired"] is True
    assert refusal(iam.delete_user, UserName=user) == (409, "DeleteConflict",
                                                       "Cannot delete entity, must delete login profile first.")
    assert refusal(iam.update_login_profile, UserName=user, Password="short")[1] == "PasswordPolicyViolation"
    iam.delete_login_profile(UserName=user)
    assert refusal(iam.get_login_profile, UserName=user)[:2] == (404, "NoSuchEntity")


def test_password_policy(iam: Any, boto: Boto, user: str) -> None:
    made = iam.create_access_key(UserName=user)["AccessKey"]
    as_user = boto.client("iam", Keys(made["AccessKeyId"], made["SecretAccessKey"]))
    change = {"OldPassword": "Quiet-Harbour-42!", "NewPassword": "Other-Harbour-43!"}
    iam.create_login_profile(UserName=user, Password=change["OldPassword"])
    assert refusal(as_user.change_password, **change)[:2] == (403, "AccessDenied")
    iam.update_account_password_policy(MaxPasswordAge=90, HardExpiry=True, PasswordReusePrevention=1,
                                       AllowUsersToChangePassword=True)
    try:
        policy = as_user.get_account_password_policy()["PasswordPolicy"]
        assert policy["ExpirePasswords"] is True and policy["MaxPasswordAge"] == 90 and policy["HardExpiry"] is True
        as_user.change_password(**change)
        reused = (400, "PasswordPolicyViolation",
                  "Policy constraint violation with password reuse prevention during password change.")
        assert refusal(as_user.change_password, OldPassword=change["NewPassword"], NewPassword=change["OldPassword"]) == reused
        for former in change.values():
            assert refusal(iam.update_login_profile, UserName=user, Password=former) == reused
        iam.update_login_profile(UserName=user, Password="Third-Harbour-44!")
        iam.update_login_profile(UserName=user, Password=change["OldPassword"])
    finally:
        iam.delete_account_password_policy()
        iam.delete_login_profile(UserName=user)
    assert refusal(as_user.get_account_password_policy)[:2] == (403, "AccessDenied")


def test_instance_profile(iam: Any, role: str, account: str) -> None:
    made = iam.create_instance_profile(InstanceProfileName="wire-profile")["InstanceProfile"]
    assert made["Arn"] == f"arn:aws:iam::{account}:instance-profile/wire-profile"
    iam.add_role_to_instance_profile(InstanceProfileName="wire-profile", RoleName=role)
    shown = iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"]
    assert [found["Roles"][0]["RoleName"] for found in shown] == [role]
    iam.remove_role_from_instance_profile(InstanceProfileName="wire-profile", RoleName=role)
    iam.delete_instance_profile(InstanceProfileName="wire-profile")


def test_service_linked_role(iam: Any, account: str) -> None:
    made = iam.create_service_linked_role(AWSServiceName="eks-nodegroup.amazonaws.com")["Role"]
    assert made["Arn"] == (f"arn:aws:iam::{account}:role/aws-service-role/eks-nodegroup.amazonaws.com/"
                           "AWSServiceRoleForAmazonEKSNodegroup")
    assert refusal(iam.delete_role, RoleName=made["RoleName"]) == (
        400, "UnmodifiableEntity", "Cannot perform the operation on the protected role "
        "'AWSServiceRoleForAmazonEKSNodegroup' - this role is only modifiable by AWS")
    task = iam.delete_service_linked_role(RoleName=made["RoleName"])["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"


def test_account(iam: Any) -> None:
    iam.create_account_alias(AccountAlias="wire-alias")
    assert iam.list_account_aliases()["AccountAliases"] == ["wire-alias"]
    iam.delete_account_alias(AccountAlias="wire-alias")
    assert iam.list_account_aliases()["AccountAliases"] == []
    summary = iam.get_account_summary()["SummaryMap"]
    assert summary["Users"] >= 1 and summary["AccessKeysPerUserQuota"] == 2
    pages = iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2})
    users = [found for page in pages for found in page["UserDetailList"]]
    assert len(users) == summary["Users"]


def test_caller_and_simulation(iam: Any) -> None:
    me = iam.get_user()["User"]
    answers = iam.simulate_principal_policy(PolicySourceArn=me["Arn"], ActionNames=["iam:CreateRole", "s3:GetObject"])
    assert [found["EvalDecision"] for found in answers["EvaluationResults"]] == ["allowed", "allowed"]
    custom = iam.simulate_custom_policy(PolicyInputList=[json.dumps(LISTS)], ActionNames=["iam:ListRoles", "iam:GetRole"])
    assert [found["EvalDecision"] for found in custom["EvaluationResults"]] == ["allowed", "implicitDeny"]
