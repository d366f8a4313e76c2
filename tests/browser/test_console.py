"""The console in Chromium: the article's steps 1-8 and 23 click by click in both languages, every page with axe and
without a console error or a refused load, what a role may not do, and the door that hands out credentials. Screenshots
are left in build/screenshots."""

import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from administration import INLINE_POLICY, Administration
from article import GROUP, PERMISSION_SET, USER
from console import Console, catalogue, picture_of
from console_house import House, console_house, look
from playwright.sync_api import expect
from portal import accept_invitation, enroll_authenticator, enter_password
from web_browser import axe, chromium

MAIL = "eksadmin@example.com"
RELAY_STATE = "https://console.aws.amazon.com/eks"


@pytest.fixture(scope="module", params=["en", "ja"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with console_house(tmp_path_factory.mktemp(f"console-{request.param}"), request.param) as made:
        yield made


class TestArticle:
    STEPS = True

    def test_01_first_sign_in(self, house: House) -> None:
        console = house.console
        answer = console.page.goto(f"{console.origin}/console")
        assert answer is not None and answer.status == 200
        policy = answer.header_value("content-security-policy") or ""
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        expect(console.page.get_by_role("heading", level=1)).to_be_visible()
        console.page.keyboard.press("Tab")
        expect(console.page.locator(".skip")).to_be_focused()
        if console.language == "ja":
            console.choose_language()
        look(console, "01-welcome")
        console.page.reload()
        expect(console.page.locator("html")).to_have_attribute("lang", console.language)
        console.sign_in_with_keys(house.keys)
        look(console, "02-home")

    def test_02_organization_and_member_account(self, house: House) -> None:
        console = house.console
        console.open("/organization")
        console.press("organization.createOrganization")
        console.said("organization.created")
        console.press("organization.addAccount")
        console.fill("organization.accountName", "EKS-Account-1")
        console.fill("organization.accountEmail", "youralias+ekscluster@yourdomain.com")
        console.press("organization.addAccount")
        expect(console.page.get_by_role("link", name="EKS-Account-1")).to_be_visible()
        accounts = house.boto.client("organizations").list_accounts()["Accounts"]
        house.account = next(account["Id"] for account in accounts if account["Name"] == "EKS-Account-1")
        expect(console.page.get_by_text(house.account).first).to_be_visible()
        look(console, "03-organization")

    def test_03_enable(self, house: House) -> None:
        console = house.console
        console.open("/identity-center")
        look(console, "04-enable")
        console.press("identity.enable")
        console.said("identity.enabledDone")
        expect(console.page.get_by_role("heading", name=console.t("identity.setUpTitle"))).to_be_visible()
        look(console, "05-dashboard")

    def test_04_require_mfa(self, house: House) -> None:
        console = house.console
        console.open("/identity-center/settings")
        look(console, "06-settings")
        console.tab("identity_more.tabAuthentication")
        console.press("identity_more.configureMfa")
        for choice in ("alwaysOn", "requireRegistration"):
            console.page.get_by_label(console.t(f"identity_more.{choice}"), exact=True).check()
        for kind in ("keys", "apps", "usersManage"):
            console.page.get_by_label(console.t(f"identity_more.{kind}"), exact=True).check()
        look(console, "07-mfa")
        console.press("common.save")
        console.said("identity_more.mfaSaved")
        settings = house.boto.client("sekisho").get_mfa_settings()["Settings"]
        assert settings["PromptMode"] == "ALWAYS_ON" and settings["WhenNoDevice"] == "REQUIRE_REGISTRATION"
        assert sorted(settings["Types"]) == ["AUTHENTICATOR_APP", "SECURITY_KEY"] and settings["UsersManageDevices"]

    def test_05_group(self, house: House) -> None:
        console = house.console
        console.open("/identity-center/groups")
        look(console, "08-no-groups")
        console.press("identity.createGroup")
        console.fill("identity.groupName", GROUP)
        console.press("identity.createGroup")
        console.said("identity.groupCreated", GROUP)
        expect(console.page.get_by_role("link", name=GROUP)).to_be_visible()

    def test_06_permission_set(self, house: House) -> None:
        console, page = house.console, house.console.page
        console.open("/identity-center/permission-sets")
        look(console, "09-no-permission-sets")
        console.press("identity.createPermissionSet")
        console.choose_in("identity_more.awsManaged", "ViewOnlyAccess", typed="ViewOnly")
        page.get_by_label(console.t("identity_more.inline"), exact=True).check()
        document = page.get_by_role("textbox", name=console.t("identity_more.inline"), exact=True)
        document.fill(INLINE_POLICY.replace('"Allow",', '"Allow"'))
        expect(page.get_by_test_id("policy-problems")).to_contain_text(re.compile("6"))
        document.fill(INLINE_POLICY)
        expect(page.get_by_test_id("policy-problems")).to_contain_text(console.t("policy.valid"))
        expect(page.get_by_test_id("policy-words")).to_contain_text("EKS")
        look(console, "10-permission-set-policies")
        console.press("common.next")
        console.press("common.next")
        expect(page.get_by_text(console.t("identity_more.setNameHint")).first).to_be_visible()
        console.fill("identity_more.setName", PERMISSION_SET)
        console.fill_optional("identity_more.relayState", RELAY_STATE)
        console.press("common.next")
        look(console, "11-permission-set-review")
        console.press("common.create")
        console.said("identity_more.setCreated", PERMISSION_SET)
        look(console, "12-permission-sets")
        sso = house.boto.client("sso-admin")
        instance = sso.list_instances()["Instances"][0]["InstanceArn"]
        (arn,) = sso.list_permission_sets(InstanceArn=instance)["PermissionSets"]
        made = sso.describe_permission_set(InstanceArn=instance, PermissionSetArn=arn)["PermissionSet"]
        assert made["Name"] == PERMISSION_SET and made["RelayState"] == RELAY_STATE
        inline = sso.get_inline_policy_for_permission_set(InstanceArn=instance, PermissionSetArn=arn)["InlinePolicy"]
        assert json.loads(inline) == json.loads(INLINE_POLICY)
        managed = sso.list_managed_policies_in_permission_set(InstanceArn=instance, PermissionSetArn=arn)
        assert [policy["Name"] for policy in managed["AttachedManagedPolicies"]] == ["ViewOnlyAccess"]

    def test_07_assign(self, house: House) -> None:
        console = house.console
        console.open("/identity-center/accounts")
        console.select_row("EKS-Account-1")
        look(console, "13-accounts")
        console.press("identity.assign")
        console.press("common.next")
        console.said("identity_more.nothingChosen")
        console.select_row(GROUP)
        look(console, "14-assign-groups")
        console.press("common.next")
        console.select_row(PERMISSION_SET)
        console.press("common.next")
        look(console, "15-assign-review")
        console.press("common.submit")
        console.said("identity_more.assignDone", "1")
        expect(console.page.get_by_role("link", name=GROUP)).to_be_visible()
        look(console, "16-account")

    def test_08_user(self, house: House) -> None:
        console = house.console
        console.open("/identity-center/users")
        console.press("identity.addUser")
        console.heading("identity.addUser")
        console.press("identity.addUser")
        expect(console.page.get_by_text(console.t("common.required")).first).to_be_visible()
        console.fill("identity.username", USER)
        console.fill("common.email", MAIL)
        console.fill("identity.confirmEmail", MAIL)
        console.fill("identity.firstName", "EKS")
        console.fill("identity.lastName", "Admin")
        expect(console.page.get_by_label(console.t("identity.displayName"), exact=True)).to_have_value("EKS Admin")
        console.choose_in("identity.groups", GROUP)
        look(console, "17-add-user")
        console.press("identity.addUser")
        console.said("identity.userInvited", USER, MAIL)
        console.page.get_by_role("link", name=USER).click()
        look(console, "18-user")
        console.open("/mail")
        look(console, "19-mail")
        console.page.get_by_role("table").get_by_role("link", name=re.compile("Invitation")).or_(
            console.page.get_by_role("button", name=re.compile("Invitation"))).first.click()
        expect(console.page.locator("pre.document")).to_contain_text(f"{console.origin}/invitation")
        console.press("common.close")

    def test_09_the_role_opens_the_console_at_its_relay_state(self, house: House) -> None:
        link = Administration(house.boto).link_in_mail(MAIL, "Invitation")
        with chromium(house.folder / "person", house.authority) as browser:
            page = browser.new_page()
            accept_invitation(page, link, house.person.password)
            enter_password(page, house.person)
            enroll_authenticator(page, house.person)
            console = Console(page, house.console.origin, house.console.language)
            page.get_by_role("link", name=PERMISSION_SET).click()
            expect(page).to_have_url(f"{console.origin}/console/eks/clusters")
            if console.language == "ja":
                console.choose_language()
            console.heading("eks.clusters")
            look(console, "20-no-clusters")
            expect(page.get_by_text(f"{USER} @ {house.account}").locator("visible=true")).to_have_count(1)
            # A reload asks again: nothing is kept but names.
            page.reload()
            console.heading("eks.clusters")
            kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
            assert "ASIA" not in kept and "ession" not in kept.replace("sessionStorage", ""), kept
            # What the role may not do is said in words, and the page goes on.
            console.open("/organization")
            expect(page.get_by_test_id("aws-message")).to_contain_text("is not authorized to perform: organizations:")
            expect(page.get_by_text(console.t("common.deniedTitle"))).to_be_visible()
            picture_of(console, f"{console.language}-21-denied-desk")
            # Another role is chosen without the portal.
            page.get_by_role("button", name=re.compile(f"@ {house.account}")).click()
            page.get_by_role("menuitem", name=console.t("common.switchRole")).click()
            console.heading("common.chooseRoleTitle")
            assert axe(console.page) == []
            page.get_by_text(PERMISSION_SET, exact=True).click()
            expect(page.get_by_test_id("aws-message")).to_be_visible()
            assert set(console.errors) <= {"400 DescribeOrganization", "400 ListInstances"}
            console.errors.clear()
            console.open("/eks/clusters")
            console.heading("eks.clusters")
            # Step 23: the account is switched off in the console; the next call is refused.
            admin = house.console
            admin.open("/identity-center/users")
            admin.page.get_by_role("link", name=USER).click()
            admin.press("identity.disableUser")
            admin.press("identity.disableUser")
            admin.said("identity.userDisabled", USER)
            page.get_by_role("button", name=console.t("common.refresh")).click()
            expect(page.get_by_test_id("aws-message").or_(page.get_by_role("heading", name=console.t("common.welcomeTitle"))).first).to_be_visible()
            page.reload()
            console.heading("common.welcomeTitle")
            admin.press("identity.enableUser")
            admin.said("identity.userEnabled", USER)

    def test_10_every_page(self, house: House) -> None:
        """Pages that the steps did not see, with something to show."""
        console = house.console
        iam = house.boto.client("iam")
        policy = iam.create_policy(PolicyName="ReadQueues", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sqs:Get*", "sqs:List*"], "Resource": "*"}]}))
        iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))
        iam.attach_role_policy(RoleName="Reader", PolicyArn=policy["Policy"]["Arn"])
        arn = policy["Policy"]["Arn"].replace(":", "%3A").replace("/", "%2F")
        pages = ["/organization/policies", "/organization/policies/p-FullAWSAccess", "/organization/policies/create/scp",
                 f"/organization/accounts/{house.account}", "/iam/users", "/iam/users/admin", "/iam/roles", "/iam/roles/create",
                 "/iam/roles/Reader", "/iam/policies", "/iam/policies/create", f"/iam/policies/{arn}", "/nothing/here"]
        for path in pages:
            console.open(path)
            look(console, "30-" + re.sub("[^a-z]+", "-", path.lower()).strip("-"))

    def test_11_every_tab(self, house: House) -> None:
        console, page = house.console, house.console.page
        for section, name, tabs in (("users", USER, ("identity.accountsOfPerson", "identity.mfaDevices", "identity.activeSessions")),
                                    ("groups", GROUP, ("identity.members", "identity.accountsOfPerson")),
                                    ("permission-sets", PERMISSION_SET, ("identity_more.permissions", "identity_more.provisionedAccounts"))):
            console.open(f"/identity-center/{section}")
            page.get_by_role("link", name=name).click()
            console.heading_text(name)
            for tab in tabs:
                console.tab(tab)
                look(console, f"34-{section}-{tab.split('.')[1].lower()}")
        console.open("/identity-center/settings")
        console.tab("identity_more.tabAttributes")
        console.press("identity_more.abacAdd")
        console.fill("identity_more.abacKey", "department")
        page.get_by_label(console.t("identity_more.abacSource"), exact=True).last.fill("${path:enterprise.department}")
        look(console, "34-settings-attributes")
        console.press("common.save")
        console.said("identity_more.abacSaved")
        sso = house.boto.client("sso-admin")
        kept = sso.describe_instance_access_control_attribute_configuration(InstanceArn=sso.list_instances()["Instances"][0]["InstanceArn"])
        assert kept["InstanceAccessControlAttributeConfiguration"]["AccessControlAttributes"] == [
            {"Key": "department", "Value": {"Source": ["${path:enterprise.department}"]}}]

    def test_12_clusters(self, house: House) -> None:
        console, page = house.console, house.console.page
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        role = house.boto.client("iam").create_role(RoleName="ClusterRole", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        eks = house.boto.client("eks")
        eks.create_cluster(name="wardrobe", roleArn=role, resourcesVpcConfig={"subnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"]},
                           accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"})
        eks.get_waiter("cluster_active").wait(name="wardrobe", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        console.open("/eks/clusters")
        look(console, "35-clusters")
        page.get_by_role("link", name="wardrobe").click()
        look(console, "35-cluster")
        console.tab("eks.nodes")
        look(console, "35-nodes")
        console.tab("eks.access")
        console.press("eks.createEntry")
        console.fill("eks.principal", role)
        console.fill_optional("eks.kubernetesGroups", "viewers")
        console.press("eks.createEntry")
        console.said("eks.entryCreated")
        console.select_row(role)
        console.press("eks.addPolicy")
        console.choose_in("eks.accessPolicy", "AmazonEKSViewPolicy")
        console.press("eks.addPolicy")
        console.said("eks.policyAdded")
        expect(page.get_by_role("row").filter(has_text=role)).to_contain_text("AmazonEKSViewPolicy")
        expect(page.get_by_text(console.t("eks.mapEmptyText"))).to_be_visible()
        look(console, "35-access")
        (policy,) = eks.list_associated_access_policies(clusterName="wardrobe", principalArn=role)["associatedAccessPolicies"]
        assert policy["policyArn"].endswith("/AmazonEKSViewPolicy")

    def test_13_keyboard(self, house: House) -> None:
        """The skip link (the first stop of the Tab key: step 1), and the focus that follows a new page."""
        console, page = house.console, house.console.page
        console.open("/")
        page.locator(".skip").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#content")).to_be_focused()
        console.heading("common.homeTitle")
        console.open("/iam/roles")
        console.heading("iam.roles")
        expect(page.locator("#content")).to_be_focused()

    def test_14_activity(self, house: House) -> None:
        """The person of step 9 is found by name, with what was refused."""
        console, page = house.console, house.console.page
        console.open("/activity")
        expect(page.get_by_role("row", name=re.compile("CreatePermissionSet")).first).to_be_visible()
        look(console, "33-activity")
        console.fill("records.who", USER)
        page.get_by_label(console.t("records.changesOnly"), exact=True).uncheck()
        page.get_by_label(console.t("records.failuresOnly"), exact=True).check()
        console.press("records.apply")
        refused = page.get_by_role("row", name=re.compile("DescribeOrganization"))
        expect(refused.first).to_contain_text("AccessDenied")
        expect(page.get_by_role("row", name=re.compile("CreatePermissionSet"))).to_have_count(0)
        refused.first.get_by_role("button").or_(refused.first.get_by_role("link")).first.click()
        expect(page.locator("pre.document")).to_contain_text(f"/{USER}")
        console.press("common.close")

    def test_15_write_a_policy(self, house: House) -> None:
        console, page = house.console, house.console.page
        console.open("/iam/policies/create")
        console.fill("iam.policyName", "ReadBuckets")
        document = page.get_by_role("textbox", name=console.t("policy.editor"), exact=True)
        document.fill('{\n  "Version": "2012-10-17",\n  "Statement": [\n    {"Effect": "Alow", "Action": "s3:Get*", "Resource": "bucket"}\n  ]\n}')
        problems = page.get_by_test_id("policy-problems")
        expect(problems).to_contain_text(console.t("policy.badEffect"))
        expect(problems).to_contain_text(console.t("policy.badResource", "bucket"))
        expect(page.get_by_role("button", name=console.t("iam.createPolicy"))).to_be_disabled()
        document.fill('{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::mine/*"}}')
        expect(page.get_by_test_id("policy-words")).to_contain_text("S3")
        console.press("policy.format")
        look(console, "31-policy-editor")
        console.press("iam.createPolicy")
        console.said("iam.policyCreated", "ReadBuckets")
        console.heading_text("ReadBuckets")

    def test_16_dark(self, house: House) -> None:
        console = house.console
        console.page.emulate_media(color_scheme="dark")
        console.open("/identity-center")
        look(console, "32-dark-dashboard")
        console.page.emulate_media(color_scheme="light")


def ask_door(house: House, path: str, headers: dict[str, str], body: str = "", method: str = "POST") -> tuple[int, dict[str, str], bytes]:
    context = ssl.create_default_context(cafile=str(house.authority))
    request = urllib.request.Request(f"{house.console.origin}{path}", data=body.encode() if method == "POST" else None, method=method,
                                     headers={"Content-Type": "application/x-www-form-urlencoded", **headers})
    try:
        with urllib.request.urlopen(request, context=context, timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, dict(refused.headers), refused.read()


class TestDoor:
    """Credentials go to the console's own pages only."""

    def test_it_answers_no_other_site(self, house: House) -> None:
        own = {"Origin": house.console.origin, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
        status, headers, body = ask_door(house, "/console/session", own)
        assert status == 200 and "userName" not in json.loads(body)
        assert headers["Cache-Control"] == "no-store" and "Access-Control-Allow-Origin" not in headers
        for name, value in (("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"),
                            ("Sec-Fetch-Dest", "document"), ("Sec-Fetch-Dest", "iframe"), ("Content-Type", "text/plain")):
            status, headers, body = ask_door(house, "/console/session", {**own, name: value})
            assert (status, json.loads(body)["code"]) == (403, "ForeignOrigin"), name
            assert "Access-Control-Allow-Origin" not in headers
        status, _, _ = ask_door(house, "/console/session", {})
        assert status == 403, "a request without Origin is no browser's"

    @pytest.mark.parametrize("path", ["/console/credentials", "/console/roles"])
    def test_it_wants_a_session(self, house: House, path: str) -> None:
        own = {"Origin": house.console.origin, "Cookie": "__Host-sekisho=guessed"}
        status, _, body = ask_door(house, path, own, f"account_id={house.account}&role_name={PERMISSION_SET}")
        assert (status, json.loads(body)["code"]) == (401, "NotSignedIn")

    def test_a_page_address_is_not_a_door(self, house: House) -> None:
        own = {"Origin": house.console.origin}
        assert ask_door(house, "/console/identity-center", own)[0] == 404
        status, headers, body = ask_door(house, "/console/credentials", {"Accept-Encoding": "br"}, method="GET")
        assert status == 200 and headers["Content-Encoding"] == "br" and b"ASIA" not in body
        assert ask_door(house, "/console/assets/nothing.js", {"Accept-Encoding": "br"}, method="GET")[0] == 404
        assert ask_door(house, "/console/", {"Accept-Encoding": "gzip"}, method="GET")[0] == 406


def test_every_text_is_there_in_both_languages() -> None:
    """None is empty, and both have the same places to fill in."""
    assert len(catalogue()) > 300
    for name, (english, japanese) in catalogue().items():
        assert english and japanese, name
        assert sorted(set(re.findall(r"\{\d\}", english))) == sorted(set(re.findall(r"\{\d\}", japanese))), name
