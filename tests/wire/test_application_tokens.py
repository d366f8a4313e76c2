"""Tokens of applications by a trusted issuer's token and by exchange, and the role sessions that carry the person."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from administration import Administration, Directory
from botocore.exceptions import ClientError
from clients import Boto, Keys
from oidc_issuer import OidcIssuer

TRUSTS_ISSUER = True
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
CONTEXT_PROVIDER = "arn:aws:iam::aws:contextProvider/IdentityCenter"
EMAIL = "analyst@example.com"


@dataclass
class House:
    boto: Boto
    administration: Administration
    directory: Directory
    user: str
    first: str  # the application that trusts the issuer
    second: str  # the one that it may use
    issuer_arn: str
    role: str

    @property
    def oidc(self) -> Any:
        return self.boto.client("sso-oidc")

    def asserted(self, token: str, **more: Any) -> Any:
        return self.oidc.create_token_with_iam(clientId=self.first, grantType=JWT_BEARER, assertion=token, **more)

    def exchanged(self, token: str, **more: Any) -> Any:
        return self.oidc.create_token_with_iam(clientId=self.second, grantType=TOKEN_EXCHANGE, subjectToken=token,
                                               subjectTokenType=ACCESS_TOKEN, **more)

    def assumed(self, context: str) -> Keys:
        return Keys.from_response(self.boto.client("sts").assume_role(
            RoleArn=self.role, RoleSessionName="app",
            ProvidedContexts=[{"ProviderArn": CONTEXT_PROVIDER, "ContextAssertion": context}])["Credentials"])


def make_role(boto: Boto, account: str) -> str:
    iam = boto.client("iam")
    arn: str = iam.create_role(RoleName="for-people", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
            "Action": ["sts:AssumeRole", "sts:SetContext"]}]}))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="for-people", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return arn


@pytest.fixture(scope="module")
def house(boto: Boto, issuer: OidcIssuer) -> House:
    boto.client("organizations").create_organization(FeatureSet="ALL")
    administration = Administration(boto)
    directory = administration.enable_identity_center()
    account = boto.client("sts").get_caller_identity()["Account"]
    sso, place = administration.sso, {"InstanceArn": directory.instance_arn}
    user = administration.identities.create_user(
        IdentityStoreId=directory.identity_store_id, UserName="analyst", DisplayName="Analyst",
        Name={"GivenName": "A", "FamilyName": "N"}, Emails=[{"Value": EMAIL, "Primary": True}])["UserId"]
    issuer_arn = sso.create_trusted_token_issuer(
        **place, Name="idp", TrustedTokenIssuerType="OIDC_JWT", TrustedTokenIssuerConfiguration={
            "OidcJwtConfiguration": {"IssuerUrl": issuer.url, "ClaimAttributePath": "email",
                                     "IdentityStoreAttributePath": "emails.value",
                                     "JwksRetrievalOption": "OPEN_ID_DISCOVERY"}})["TrustedTokenIssuerArn"]
    first, second = (sso.create_application(
        **place, ApplicationProviderArn="arn:aws:sso::aws:applicationProvider/custom", Name=name)["ApplicationArn"]
        for name in ("first", "second"))
    for application in (first, second):
        sso.create_application_assignment(ApplicationArn=application, PrincipalId=user, PrincipalType="USER")
    sso.put_application_grant(ApplicationArn=first, GrantType=JWT_BEARER, Grant={"JwtBearer": {
        "AuthorizedTokenIssuers": [{"TrustedTokenIssuerArn": issuer_arn, "AuthorizedAudiences": ["first"]}]}})
    sso.put_application_grant(ApplicationArn=second, GrantType=TOKEN_EXCHANGE, Grant={"TokenExchange": {}})
    sso.put_application_access_scope(ApplicationArn=first, Scope="second:use", AuthorizedTargets=[second])
    return House(boto, administration, directory, user, first, second, issuer_arn, make_role(boto, account))


def refused(call: Any, /, *arguments: Any, **named: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **named)
    code: str = caught.value.response["Error"]["Code"]
    return code


def test_the_issuers_token_becomes_the_persons(house: House, issuer: OidcIssuer) -> None:
    made = house.asserted(issuer.token(aud="first", email=EMAIL))
    assert made["tokenType"] == "Bearer" and made["issuedTokenType"] == ACCESS_TOKEN
    assert made["idToken"] and made["scope"] == ["openid", "second:use"]
    assert len(made["awsAdditionalDetails"]["identityContext"]) <= 2048
    for claims in ({"email": "nobody@example.com"}, {"email": EMAIL, "aud": "second"}, {"email": EMAIL, "exp": None},
                   {"email": EMAIL, "iss": "https://other.example"}):
        assert refused(house.asserted, issuer.token(**{"aud": "first", **claims})) == "InvalidGrantException"
    assert refused(house.asserted, issuer.token(aud="first", email=EMAIL, exp=1)) == "ExpiredTokenException"
    once = issuer.token(aud="first", email=EMAIL, jti="1")
    house.asserted(once)
    assert refused(house.asserted, once) == "InvalidGrantException"


def test_one_applications_token_becomes_anothers(house: House, issuer: OidcIssuer) -> None:
    made = house.asserted(issuer.token(aud="first", email=EMAIL))
    exchanged = house.exchanged(made["accessToken"], requestedTokenType=ACCESS_TOKEN)
    assert exchanged["accessToken"] != made["accessToken"]
    assert refused(house.exchanged, exchanged["accessToken"]) == "InvalidGrantException"
    assert refused(house.exchanged, made["accessToken"], scope=["second:use"]) == "InvalidScopeException"


def test_a_role_session_carries_the_person(house: House, issuer: OidcIssuer) -> None:
    made = house.asserted(issuer.token(aud="first", email=EMAIL))
    keys = house.assumed(made["awsAdditionalDetails"]["identityContext"])
    identity = house.boto.client("sts", keys).get_caller_identity()["Arn"]
    assert identity.endswith(":assumed-role/for-people/app")
    # AWS's allow list for such sessions binds whatever the role may do.
    assert refused(house.boto.client("iam", keys).list_users) == "AccessDenied"
    assert refused(house.assumed, "nonsense") == "ValidationError"


def test_what_is_taken_away_ends_them(house: House, issuer: OidcIssuer) -> None:
    def made() -> tuple[Any, Keys]:
        token = house.asserted(issuer.token(aud="first", email=EMAIL))
        keys = house.assumed(token["awsAdditionalDetails"]["identityContext"])
        house.boto.client("sts", keys).get_caller_identity()
        return token, keys

    def is_over(token: Any, keys: Keys) -> bool:
        over = refused(house.boto.client("sts", keys).get_caller_identity) == "InvalidClientTokenId"
        return over and refused(house.exchanged, token["accessToken"]) == "InvalidGrantException"

    token, keys = made()
    house.administration.set_user_enabled(house.directory, house.user, False)
    assert is_over(token, keys)
    assert refused(house.asserted, issuer.token(aud="first", email=EMAIL)) == "InvalidGrantException"
    house.administration.set_user_enabled(house.directory, house.user, True)

    token, keys = made()
    house.administration.sso.delete_trusted_token_issuer(TrustedTokenIssuerArn=house.issuer_arn)
    assert is_over(token, keys)
    assert refused(house.asserted, issuer.token(aud="first", email=EMAIL)) == "InvalidGrantException"
