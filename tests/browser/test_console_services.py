"""The console's pages beyond the article, clicked in both languages and both themes: applications, trusted token issuers,
delegated administrators, clusters and node groups, the aws-auth mapping, relay states. What was clicked is asked of the
API. Screenshots are left in build/screenshots."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from administration import Administration, Directory, wait_until
from console_house import House, console_house, look
from playwright.sync_api import expect
from portal import accept_invitation, enroll_authenticator, enter_password, press
from web_browser import chromium

CLUSTER = "wardrobe"
REDIRECT = "https://wiki.example.com/oauth/callback"


@pytest.fixture(scope="module", params=["en", "ja"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with console_house(tmp_path_factory.mktemp(f"services-{request.param}"), request.param) as made:
        yield made


class TestServices:
    STEPS = True

    def test_01_sign_in(self, house: House) -> None:
        organizations = house.boto.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        asked = organizations.create_account(Email="security@example.com", AccountName="Security")["CreateAccountStatus"]["Id"]

        def account() -> str | None:
            state = organizations.describe_create_account_status(CreateAccountRequestId=asked)["CreateAccountStatus"]
            return str(state["AccountId"]) if state["State"] == "SUCCEEDED" else None

        house.account = wait_until("the account", account)
        administration = Administration(house.boto)
        directory = administration.enable_identity_center()
        administration.require_mfa(directory)
        administration.create_group(directory, "Writers")
        console = house.console
        console.page.goto(f"{console.origin}/console/")
        if console.language == "ja":
            console.choose_language()
        console.sign_in_with_keys(house.keys)

    def test_02_trusted_token_issuer(self, house: House) -> None:
        console = house.console
        console.open("/identity-center/trusted-token-issuers")
        look(console, "40-no-issuers")
        console.press("applications.createIssuer")
        console.fill("applications.issuerName", "Okta")
        expect(console.button("applications.createIssuer")).to_be_disabled()
        console.fill("applications.issuerUrl", "https://login.example.com")
        console.choose_in("applications.attribute", console.t("applications.attributeUserName"))
        look(console, "40-issuer-dialog")
        console.press("applications.createIssuer")
        console.said("applications.issuerCreated", "Okta")
        console.select_row("Okta")
        console.press("common.edit")
        console.fill("applications.claim", "preferred_username")
        console.press("common.save")
        console.said("applications.issuerSaved", "Okta")
        look(console, "40-issuers")
        sso = house.boto.client("sso-admin")
        [known] = sso.list_trusted_token_issuers(InstanceArn=sso.list_instances()["Instances"][0]["InstanceArn"])["TrustedTokenIssuers"]
        made = sso.describe_trusted_token_issuer(TrustedTokenIssuerArn=known["TrustedTokenIssuerArn"])
        assert made["TrustedTokenIssuerConfiguration"]["OidcJwtConfiguration"] == {
            "IssuerUrl": "https://login.example.com", "ClaimAttributePath": "preferred_username",
            "IdentityStoreAttributePath": "userName", "JwksRetrievalOption": "OPEN_ID_DISCOVERY"}

    def test_03_application(self, house: House) -> None:
        console, page = house.console, house.console.page
        console.open("/identity-center/applications")
        look(console, "41-no-applications")
        console.press("applications.add")
        console.heading("applications.add")
        console.press("applications.add")
        expect(page.get_by_text(console.t("common.required")).first).to_be_visible()
        console.fill("applications.name", "Wiki")
        console.fill_optional("applications.url", "https://wiki.example.com/login")
        console.fill("applications.redirectUris", "http://wiki.example.com/")
        console.said("applications.badUri", "http://wiki.example.com/")
        console.fill("applications.redirectUris", REDIRECT)
        page.get_by_label(console.t("applications.grantBearer"), exact=True).check()
        console.press("common.add")
        page.get_by_role("button", name=re.compile(console.t("applications.issuer"))).or_(
            page.get_by_role("combobox", name=re.compile(console.t("applications.issuer")))).last.click()
        page.get_by_role("option", name="Okta").click()
        page.get_by_label(console.t("applications.audiences")).last.fill("wiki")
        console.fill_optional("applications.scopes", "wiki:read")
        look(console, "41-add-application")
        console.press("applications.add")
        console.said("applications.created", "Wiki")
        console.heading_text("Wiki")
        sso = house.boto.client("sso-admin")
        instance = sso.list_instances()["Instances"][0]["InstanceArn"]
        [application] = sso.list_applications(InstanceArn=instance)["Applications"]
        arn = application["ApplicationArn"]
        assert application["PortalOptions"]["SignInOptions"] == {"Origin": "APPLICATION", "ApplicationUrl": "https://wiki.example.com/login"}
        grants = {grant["GrantType"]: grant["Grant"] for grant in sso.list_application_grants(ApplicationArn=arn)["Grants"]}
        assert grants["authorization_code"] == {"AuthorizationCode": {"RedirectUris": [REDIRECT]}}
        assert grants["refresh_token"] == {"RefreshToken": {}}
        [trusted] = grants["urn:ietf:params:oauth:grant-type:jwt-bearer"]["JwtBearer"]["AuthorizedTokenIssuers"]
        assert trusted["AuthorizedAudiences"] == ["wiki"]
        assert [scope["Scope"] for scope in sso.list_application_access_scopes(ApplicationArn=arn)["Scopes"]] == ["wiki:read"]

    def test_04_application_page(self, house: House) -> None:
        console, page = house.console, house.console.page
        sso = house.boto.client("sso-admin")
        [application] = sso.list_applications(InstanceArn=sso.list_instances()["Instances"][0]["InstanceArn"])["Applications"]
        arn = application["ApplicationArn"]
        look(console, "42-application")
        console.press("applications.assign")
        console.choose_in("identity.groups", "Writers")
        look(console, "42-application-assign")
        console.press("applications.assign")
        console.said("applications.assigned", "Writers")
        expect(page.get_by_role("link", name="Writers")).to_be_visible()
        assert len(sso.list_application_assignments(ApplicationArn=arn)["ApplicationAssignments"]) == 1
        page.get_by_label(console.t("applications.required"), exact=True).click(force=True)
        console.said("applications.notRequiredSaved")
        assert not sso.get_application_assignment_configuration(ApplicationArn=arn)["AssignmentRequired"]
        page.get_by_label(console.t("applications.required"), exact=True).click(force=True)
        console.said("applications.requiredSaved")
        console.select_row("Writers")
        console.press("identity_more.removeAccess")
        console.said("applications.unassigned", "Writers")
        console.tab("applications.signIn")
        console.press("applications.editGrants")
        console.fill("applications.redirectUris", f"{REDIRECT}\nhttp://127.0.0.1:8080/callback")
        console.press("common.save")
        console.said("applications.grantsSaved")
        look(console, "42-application-sign-in")
        console.tab("applications.scopes")
        console.press("applications.addScope")
        console.fill("applications.scope", "wiki:write")
        console.press("applications.addScope")
        console.said("applications.scopeAdded", "wiki:write")
        look(console, "42-application-scopes")
        console.tab("applications.actor")
        console.press("common.create")
        look(console, "42-application-actor")
        console.press("common.save")
        console.said("applications.actorSaved")
        method = sso.get_application_authentication_method(ApplicationArn=arn, AuthenticationMethodType="IAM")["AuthenticationMethod"]
        assert method["Iam"]["ActorPolicy"]["Statement"][0]["Action"] == "sso-oauth:CreateTokenWithIAM"
        uris = sso.get_application_grant(ApplicationArn=arn, GrantType="authorization_code")["Grant"]["AuthorizationCode"]["RedirectUris"]
        assert uris == [REDIRECT, "http://127.0.0.1:8080/callback"]

    def test_05_disable_and_delete_an_application(self, house: House) -> None:
        console, page = house.console, house.console.page
        sso = house.boto.client("sso-admin")
        instance = sso.list_instances()["Instances"][0]["InstanceArn"]
        console.tab("applications.assignments")
        console.press("applications.disable")
        console.press("applications.disable")
        console.said("applications.disabledDone", "Wiki")
        assert sso.list_applications(InstanceArn=instance)["Applications"][0]["Status"] == "DISABLED"
        console.press("applications.enable")
        console.said("applications.enabledDone", "Wiki")
        console.press("common.edit")
        console.fill("applications.name", "Team wiki")
        console.press("common.save")
        console.heading_text("Team wiki")
        console.open("/identity-center/applications")
        look(console, "42-applications")
        page.get_by_role("link", name="Team wiki").click()
        console.heading_text("Team wiki")
        console.press("common.delete")
        expect(console.button("common.delete")).to_be_disabled()
        console.fill_to_confirm("Team wiki")
        console.press("common.delete")
        console.said("applications.deleted", "Team wiki")
        expect(page.get_by_text(console.t("applications.emptyText"))).to_be_visible()
        assert sso.list_applications(InstanceArn=instance)["Applications"] == []
        console.open("/identity-center/trusted-token-issuers")
        console.select_row("Okta")
        console.press("common.delete")
        console.fill_to_confirm("Okta")
        console.press("common.delete")
        console.said("applications.issuerDeleted", "Okta")
        assert sso.list_trusted_token_issuers(InstanceArn=instance)["TrustedTokenIssuers"] == []

    def test_06_delegated_administrator(self, house: House) -> None:
        console, page = house.console, house.console.page
        console.open("/organization/delegated-administrators")
        look(console, "43-no-delegation")
        console.press("organization.register")
        console.choose_in("organization.account", "Security")
        console.fill("organization.service", "sso.amazonaws.com")
        page.keyboard.press("Escape")
        look(console, "43-register")
        console.press("organization.register")
        console.said("organization.registered", "Security", "sso.amazonaws.com")
        expect(page.get_by_role("row").filter(has_text=house.account)).to_contain_text("sso.amazonaws.com")
        look(console, "43-delegation")
        organizations = house.boto.client("organizations")
        [known] = organizations.list_delegated_administrators()["DelegatedAdministrators"]
        assert known["Id"] == house.account
        console.select_row("Security, sso.amazonaws.com")
        console.press("organization.deregister")
        console.press("organization.deregister")
        console.said("organization.deregistered", "Security", "sso.amazonaws.com")
        assert organizations.list_delegated_administrators()["DelegatedAdministrators"] == []

    def test_07_create_a_cluster(self, house: House) -> None:
        """From nothing: the role and the network are made on the way."""
        console, page = house.console, house.console.page
        console.open("/eks/clusters/create")
        console.press("eks.createCluster")
        expect(page.get_by_text(console.t("common.required")).first).to_be_visible()
        look(console, "44-create-cluster")
        console.fill("eks.clusterName", CLUSTER)
        page.get_by_role("button", name=console.t("eks.makeRole", "EKSClusterRole")).click()
        console.said("eks.roleMade", "EKSClusterRole")
        page.get_by_role("button", name=console.t("eks.makeNetwork")).click()
        expect(page.get_by_text(re.compile(r"vpc-[0-9a-f]{17}")).first).to_be_visible()
        page.get_by_label(console.t("eks.modeMap"), exact=True).check()
        look(console, "44-create-cluster-filled")
        console.press("eks.createCluster")
        console.said("eks.clusterCreated", CLUSTER)
        console.heading_text(CLUSTER)
        expect(page.get_by_text("ACTIVE", exact=True)).to_be_visible()  # without a reload by hand
        look(console, "44-cluster")
        made = house.boto.client("eks").describe_cluster(name=CLUSTER)["cluster"]
        assert made["roleArn"].endswith(":role/EKSClusterRole") and made["accessConfig"]["authenticationMode"] == "CONFIG_MAP"
        subnets = house.boto.client("ec2").describe_subnets(SubnetIds=made["resourcesVpcConfig"]["subnetIds"])["Subnets"]
        assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 2
        attached = house.boto.client("iam").list_attached_role_policies(RoleName="EKSClusterRole")["AttachedPolicies"]
        assert [policy["PolicyName"] for policy in attached] == ["AmazonEKSClusterPolicy"]

    def test_08_create_a_node_group(self, house: House) -> None:
        console, page = house.console, house.console.page
        console.tab("eks.nodes")
        look(console, "45-no-nodes")
        console.press("eks.createNodegroup")
        console.heading("eks.createNodegroup")
        console.fill("eks.nodegroupName", "general")
        page.get_by_role("button", name=console.t("eks.makeRole", "EKSNodeRole")).click()
        console.said("eks.roleMade", "EKSNodeRole")
        console.fill("eks.maximum", "1")
        expect(page.get_by_text(console.t("eks.badSize"))).to_be_visible()
        console.fill("eks.maximum", "4")
        look(console, "45-create-nodes")
        console.press("eks.createNodegroup")
        console.said("eks.nodegroupCreated", "general")
        console.tab("eks.nodes")
        expect(page.get_by_role("row").filter(has_text="general")).to_contain_text("ACTIVE")
        look(console, "45-nodes")
        made = house.boto.client("eks").describe_nodegroup(clusterName=CLUSTER, nodegroupName="general")["nodegroup"]
        assert made["scalingConfig"] == {"minSize": 1, "maxSize": 4, "desiredSize": 2} and made["instanceTypes"] == ["t3.medium"]

    def test_09_aws_auth(self, house: House) -> None:
        console, page = house.console, house.console.page
        iam, sekisho = house.boto.client("iam"), house.boto.client("sekisho")
        node_role = iam.get_role(RoleName="EKSNodeRole")["Role"]["Arn"]
        user = iam.create_user(UserName="ann", Path="/people/")["User"]["Arn"]
        console.tab("eks.access")
        expect(page.get_by_text(console.t("eks.mapEmptyText"))).to_be_visible()
        console.press("eks.addMapping")
        console.fill("eks.mappingPrincipal", node_role)
        page.keyboard.press("Escape")
        console.fill("eks.mappingUsername", "system:node:{{EC2PrivateDNSName}}")
        console.fill("eks.mappingGroups", "system:bootstrappers system:nodes")
        look(console, "46-add-mapping")
        console.press("eks.addMapping")
        console.said("eks.mappingSaved", node_role)
        console.press("eks.addMapping")
        console.fill("eks.mappingPrincipal", user)
        page.keyboard.press("Escape")
        console.fill("eks.mappingUsername", "ann")
        page.get_by_label(console.t("eks.mappingAdministrator"), exact=True).check()
        console.press("eks.addMapping")
        console.said("eks.mappingSaved", user)
        look(console, "46-mapping")
        told = sekisho.describe_identity_mapping(ClusterName=CLUSTER)
        assert [(entry["Kind"], entry["PrincipalArn"], entry["Groups"]) for entry in told["Entries"]] == [
            ("ROLE", node_role, ["system:bootstrappers", "system:nodes"]), ("USER", user, ["system:masters"])]
        console.select_row(user)
        console.press("common.edit")
        page.get_by_label(console.t("eks.mappingAdministrator"), exact=True).uncheck()
        console.fill("eks.mappingGroups", "viewers")
        console.press("common.save")
        console.said("eks.mappingSaved", user)
        expect(page.get_by_role("row").filter(has_text=user)).to_contain_text("viewers")
        console.select_row(node_role)
        console.press("common.remove")
        console.said("eks.warnNodes")
        look(console, "46-remove-mapping")
        console.press("common.remove")
        console.said("eks.mappingRemoved", node_role)
        expect(page.get_by_role("row").filter(has_text=node_role)).to_have_count(0)
        assert "role/" not in sekisho.describe_identity_mapping(ClusterName=CLUSTER).get("MapRoles", "")

    def test_10_the_last_administrator_stays(self, house: House) -> None:
        """Whoever made the cluster is gone: the one who is mapped to system:masters cannot go, too."""
        console, page = house.console, house.console.page
        iam, eks = house.boto.client("iam"), house.boto.client("eks")
        made = eks.describe_cluster(name=CLUSTER)["cluster"]
        eks.create_cluster(name="left", roleArn=made["roleArn"], resourcesVpcConfig={"subnetIds": made["resourcesVpcConfig"]["subnetIds"]},
                           accessConfig={"authenticationMode": "CONFIG_MAP", "bootstrapClusterCreatorAdminPermissions": False})
        eks.get_waiter("cluster_active").wait(name="left", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        user = iam.get_user(UserName="ann")["User"]["Arn"]
        house.boto.client("sekisho").put_identity_mapping(ClusterName="left", PrincipalArn=user, Username="ann", Groups=["system:masters"])
        console.open("/eks/clusters/left")
        console.tab("eks.access")
        console.select_row(user)
        console.press("common.remove")
        console.said("eks.warnMasters")
        console.press("common.remove")
        expect(page.get_by_test_id("aws-message")).to_contain_text("lock the last administrator out of cluster left")
        assert console.errors == ["400 DeleteIdentityMapping"]
        console.errors.clear()
        look(console, "46-last-administrator")
        console.press("common.cancel")

    def test_11_delete_node_group_and_cluster(self, house: House) -> None:
        console, page = house.console, house.console.page
        console.open(f"/eks/clusters/{CLUSTER}")
        console.tab("eks.nodes")
        console.select_row("general")
        console.press("common.delete")
        console.fill_to_confirm("general")
        console.press("common.delete")
        console.said("eks.nodegroupDeleted", "general")
        expect(page.get_by_text(console.t("eks.nodesEmptyText"))).to_be_visible()
        console.press("eks.deleteCluster")
        look(console, "47-delete-cluster")
        console.fill_to_confirm(CLUSTER)
        console.press("common.delete")
        console.said("eks.clusterDeleted", CLUSTER)
        expect(page.get_by_role("link", name=CLUSTER, exact=True)).to_have_count(0)
        assert house.boto.client("eks").list_clusters()["clusters"] == ["left"]

    def test_12_dark(self, house: House) -> None:
        """The new pages in the other theme, by the console's own menu; the portal follows, and leads back."""
        console, page = house.console, house.console.page
        console.choose_theme("themeDark")
        for path in ("/identity-center/applications/add", "/identity-center/trusted-token-issuers", "/eks/clusters/create",
                     "/organization/delegated-administrators", "/eks/clusters/left"):
            console.open(path)
            look(console, "48-dark-" + re.sub("[^a-z]+", "-", path).strip("-"))
        portal = house.browser.new_page()
        portal.goto(f"{console.origin}/signin")
        html = portal.locator("html")
        expect(html).to_have_attribute("data-theme", "dark")
        expect(html).to_have_attribute("lang", console.language)
        press(portal, "English" if console.language == "ja" else "日本語")
        press(portal, "ライト" if console.language == "en" else "Light")
        fresh = house.browser.new_page()  # its first picture, without a reload
        fresh.goto(f"{console.origin}/console/")
        expect(fresh.get_by_role("heading", level=1)).to_be_visible()
        expect(fresh.locator("html")).to_have_attribute("lang", "en" if console.language == "ja" else "ja")
        assert fresh.evaluate("document.documentElement.style.colorScheme") == "light"
        for opened in (portal, fresh):
            opened.close()
        console.choose_language()

    def test_13_a_relay_state_opens_one_cluster(self, house: House) -> None:
        """Of an address of AWS's console, with its region; and an address of ours is a link that can be kept."""
        administration = Administration(house.boto)
        center = house.boto.client("sekisho").describe_identity_center()
        sso = administration.sso
        arn = sso.create_permission_set(
            InstanceArn=center["InstanceArn"], Name="ClusterAccess",
            RelayState="https://eu-west-1.console.aws.amazon.com/eks/home?region=eu-west-1#/clusters/far-away")["PermissionSet"]["PermissionSetArn"]
        sso.put_inline_policy_to_permission_set(
            InstanceArn=center["InstanceArn"], PermissionSetArn=arn,
            InlinePolicy='{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "eks:*", "Resource": "*"}}')
        directory = Directory(center["InstanceArn"], center["IdentityStoreId"], center["PortalUrl"])
        group = administration.create_group(directory, "Operators")
        administration.assign(directory, arn, house.account, group)
        administration.invite_user(directory, house.person.username, "operator@example.com", group)
        with chromium(house.folder / "operator", house.authority) as browser:
            page = browser.new_page()
            accept_invitation(page, administration.link_in_mail("operator@example.com", "Invitation"), house.person.password)
            enter_password(page, house.person)
            enroll_authenticator(page, house.person)
            page.get_by_role("link", name="ClusterAccess").click()
            expect(page).to_have_url(f"{house.console.origin}/console/eks/clusters/far-away")
            expect(page.get_by_role("button", name=re.compile("eu-west-1$")).locator("visible=true")).to_have_count(1)
            expect(page.get_by_test_id("aws-message")).to_contain_text("No cluster found for name: far-away.")
            page.goto(f"{house.console.origin}/console/?account_id={house.account}&role_name=ClusterAccess"
                      f"&destination={quote(house.console.origin + '/console/eks/clusters/create')}")
            expect(page).to_have_url(f"{house.console.origin}/console/eks/clusters/create")
