"""What the article does in the console (steps 4-8, 23), by the API: `sekisho` operations where AWS has none."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clients import Boto

INLINE_POLICY = """{
"Version": "2012-10-17",
"Statement": [
    {
        "Effect": "Allow",
        "Action": [
            "eks:*",
            "sts:AssumeRole"
        ],
        "Resource": "*"
    }
  ]
}"""


def wait_until(what: str, ready: Callable[[], Any], *, seconds: float = 60) -> Any:
    """The first true value of `ready`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = ready()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


@dataclass
class Directory:
    instance_arn: str
    identity_store_id: str
    portal_url: str


class Administration:
    """The management account's administrator at the console, so to speak."""

    def __init__(self, boto: Boto) -> None:
        self.sekisho = boto.client("sekisho")
        self.sso = boto.client("sso-admin")
        self.identities = boto.client("identitystore")

    def enable_identity_center(self) -> Directory:
        """Step 4. The portal's address exists at once."""
        center = self.sekisho.enable_identity_center()
        return Directory(center["InstanceArn"], center["IdentityStoreId"], center["PortalUrl"])

    def require_mfa(self, directory: Directory) -> None:
        """Step 5: every time they sign in, apps and keys, registration at sign-in."""
        self.sekisho.update_mfa_settings(InstanceArn=directory.instance_arn, PromptMode="ALWAYS_ON",
                                         Types=["AUTHENTICATOR_APP", "SECURITY_KEY"], WhenNoDevice="REQUIRE_REGISTRATION",
                                         UsersManageDevices=True)

    def create_group(self, directory: Directory, name: str) -> str:
        return self.identities.create_group(IdentityStoreId=directory.identity_store_id, DisplayName=name)["GroupId"]

    def create_permission_set(self, directory: Directory, name: str = "EKSClusterAdminAccess",
                              inline_policy: str = INLINE_POLICY) -> str:
        """Step 7: ViewOnlyAccess and the article's inline policy, relay state to the EKS console."""
        arn = self.sso.create_permission_set(InstanceArn=directory.instance_arn, Name=name,
                                             RelayState="https://console.aws.amazon.com/eks")["PermissionSet"]["PermissionSetArn"]
        place = {"InstanceArn": directory.instance_arn, "PermissionSetArn": arn}
        self.sso.attach_managed_policy_to_permission_set(
            **place, ManagedPolicyArn="arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
        self.sso.put_inline_policy_to_permission_set(**place, InlinePolicy=inline_policy)
        return arn

    def assign(self, directory: Directory, permission_set: str, account: str, group: str) -> None:
        status = self.sso.create_account_assignment(
            InstanceArn=directory.instance_arn, PermissionSetArn=permission_set, TargetId=account,
            TargetType="AWS_ACCOUNT", PrincipalType="GROUP", PrincipalId=group)["AccountAssignmentCreationStatus"]

        def state() -> dict[str, Any] | None:
            now = self.sso.describe_account_assignment_creation_status(
                InstanceArn=directory.instance_arn,
                AccountAssignmentCreationRequestId=status["RequestId"])["AccountAssignmentCreationStatus"]
            return None if now["Status"] == "IN_PROGRESS" else now

        done = wait_until("assignment", state)
        assert done["Status"] == "SUCCEEDED", done

    def invite_user(self, directory: Directory, user_name: str, email: str, *groups: str) -> str:
        """Step 8: the user, in the groups, with an invitation by mail."""
        user = self.identities.create_user(
            IdentityStoreId=directory.identity_store_id, UserName=user_name, DisplayName="EKS Admin",
            Name={"GivenName": "EKS", "FamilyName": "Admin"},
            Emails=[{"Value": email, "Type": "work", "Primary": True}])["UserId"]
        for group in groups:
            self.identities.create_group_membership(IdentityStoreId=directory.identity_store_id, GroupId=group,
                                                    MemberId={"UserId": user})
        self.sekisho.invite_user(IdentityStoreId=directory.identity_store_id, UserId=user)
        return user

    def mail_to(self, address: str, subject: str) -> str:
        """The newest mail to this address whose subject holds these words."""
        def newest() -> str | None:
            listed = self.sekisho.list_mail(To=address)["Mail"]
            found = sorted((mail for mail in listed if subject in mail["Subject"]), key=lambda mail: mail["CreatedDate"])
            return self.sekisho.get_mail(MailId=found[-1]["MailId"])["Text"] if found else None

        return wait_until(f"mail to {address}: {subject}", newest)

    def link_in_mail(self, address: str, subject: str) -> str:
        found = re.search(r"https://\S+", self.mail_to(address, subject))
        assert found, f"no link in the mail to {address}"
        return found.group(0)

    def set_user_enabled(self, directory: Directory, user: str, enabled: bool) -> None:
        place = {"IdentityStoreId": directory.identity_store_id, "UserId": user}
        if enabled:
            self.sekisho.enable_user(**place)
        else:
            self.sekisho.disable_user(**place)
