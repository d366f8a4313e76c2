#!/usr/bin/env python3
"""An identity store of many people beside one of few: look-up, search, sign-in and assignment, each measured at both sizes
on the same server; then assignments on many accounts. Everything goes through the API. Prints Markdown, for
docs/performance.md. A million people take about ten minutes to make.

    python tests/bench/directory.py [--people N] [--accounts N] [--sets N]      (with the tests' Python)
"""

import argparse
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path[0:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]

from administration import Administration, Directory, wait_until  # noqa: E402
from clients import Boto, default_keys  # noqa: E402
from load import CLIENT_PROCESSOR, anonymous_mib, cpu_seconds, pin, pin_self, resident_mib  # noqa: E402
from server import RECORDS, Server, running_server  # noqa: E402
from sign_in import PASSWORD, sign_in  # noqa: E402
from signed_load import Call, Outcome, SignedLoad  # noqa: E402
from table import table  # noqa: E402

FEW = 100
PEOPLE_OF_A_GROUP = 10
CONNECTIONS = 64
CALLS = 2000
SIGN_INS = 40
ASSIGNED = 200


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass
class House:
    server: Server
    boto: Boto
    administration: Administration
    directory: Directory
    load: SignedLoad
    ca: str

    def create_people(self, numbers: range) -> Outcome:
        store = {"IdentityStoreId": self.directory.identity_store_id}
        return self.load.run((Call("identitystore", "CreateUser", store | {
            "UserName": f"person-{number}", "DisplayName": f"Given{number % 997} Family{number}",
            "Name": {"GivenName": f"Given{number % 997}", "FamilyName": f"Family{number}"},
            "Emails": [{"Value": f"person-{number}@example.com", "Type": "work", "Primary": True}]}) for number in numbers), CONNECTIONS)

    def create_groups(self, numbers: range) -> Outcome:
        store = {"IdentityStoreId": self.directory.identity_store_id}
        return self.load.run((Call("identitystore", "CreateGroup", store | {"DisplayName": f"group-{number}"})
                              for number in numbers), CONNECTIONS)

    def user_ids(self, numbers: list[int]) -> list[str]:
        return [answer["UserId"] for answer in self.load.run((self.find(number) for number in numbers), 1, keep=True).answers]

    def find(self, number: int) -> Call:
        return Call("identitystore", "GetUserId", {
            "IdentityStoreId": self.directory.identity_store_id,
            "AlternateIdentifier": {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": f"person-{number}"}}})


@dataclass
class Figure:
    """CPU of the server for each call, and how long a call takes, one at a time."""

    microseconds: float
    p50: float
    p99: float

    def text(self) -> str:
        return f"{self.microseconds:,.0f} us; {self.p50:.2f}, {self.p99:.2f} ms"


def measure_calls(house: House, calls: list[Call]) -> Figure:
    house.load.run(calls[:len(calls) // 10], 1)
    before = cpu_seconds(house.server.pid)
    outcome = house.load.run(calls, 1)
    spent = cpu_seconds(house.server.pid) - before
    return Figure(spent / len(calls) * 1e6, outcome.milliseconds(50), outcome.milliseconds(99))


def measure_sign_in(house: House, numbers: list[int]) -> float:
    """CPU milliseconds of the server for each."""
    for number, user in zip(numbers, house.user_ids(numbers), strict=True):
        house.administration.sekisho.set_password(IdentityStoreId=house.directory.identity_store_id, UserId=user,
                                                  Password=PASSWORD, ChangeRequired=False)
        sign_in(house.server, house.ca, f"person-{number}")
    before = cpu_seconds(house.server.pid)
    for number in numbers:
        for _ in range(SIGN_INS // len(numbers)):
            sign_in(house.server, house.ca, f"person-{number}")
    return (cpu_seconds(house.server.pid) - before) / SIGN_INS * 1000


def finished(house: House, requests: list[str]) -> None:
    """Waits until no assignment is in progress any more, and looks at the last one's end."""
    sso, arn = house.administration.sso, house.directory.instance_arn
    wait_until("assignments", lambda: not sso.list_account_assignment_creation_status(
        InstanceArn=arn, Filter={"Status": "IN_PROGRESS"}, MaxResults=1)["AccountAssignmentsCreationStatus"], seconds=600)
    last = sso.describe_account_assignment_creation_status(InstanceArn=arn, AccountAssignmentCreationRequestId=requests[-1])
    assert last["AccountAssignmentCreationStatus"]["Status"] == "SUCCEEDED", last


def assign(house: House, wanted: list[tuple[str, str, str]], connections: int) -> tuple[float, float]:
    """(account, permission set, user) each: CPU microseconds of the server and seconds, until the last one is in force."""
    before = cpu_seconds(house.server.pid)
    outcome = house.load.run((Call("sso-admin", "CreateAccountAssignment", {
        "InstanceArn": house.directory.instance_arn, "TargetId": account, "TargetType": "AWS_ACCOUNT",
        "PermissionSetArn": permission_set, "PrincipalType": "USER", "PrincipalId": user})
        for account, permission_set, user in wanted), connections, keep=True)
    finished(house, [answer["AccountAssignmentCreationStatus"]["RequestId"] for answer in outcome.answers])
    return (cpu_seconds(house.server.pid) - before) / len(wanted) * 1e6, outcome.seconds


def measure_size(house: House, before: int, people: int, permission_set: str, account: str) -> list[str]:
    note(f"{people} people: measured")
    draw = random.Random(people)
    store = {"IdentityStoreId": house.directory.identity_store_id}
    chosen = [draw.randrange(before, people) for _ in range(CALLS)]  # whom the smaller size has not met
    users = house.user_ids(chosen)
    few = sorted(set(chosen))[:8]
    look_up = measure_calls(house, [house.find(number) for number in chosen])
    describe = measure_calls(house, [Call("identitystore", "DescribeUser", store | {"UserId": user}) for user in users])
    search = measure_calls(house, [Call("sekisho", "SearchUsers", store | {"Text": f"family{number}"}) for number in chosen])
    listed = measure_calls(house, [Call("identitystore", "ListUsers", store | {"MaxResults": 20})] * (CALLS // 10))
    entered = measure_sign_in(house, few)
    assigned, _ = assign(house, [(account, permission_set, user) for user in sorted(set(users))[:min(ASSIGNED, people // 2)]], 8)
    used = sum(file.stat().st_blocks * 512 for file in (house.server.home / "store").iterdir())
    return [look_up.text(), describe.text(), search.text(), listed.text(), f"{entered:.1f} ms", f"{assigned:,.0f} us",
            f"{anonymous_mib(house.server.pid):.0f} MiB", f"{resident_mib(house.server.pid):.0f} MiB", f"{used / 2**20:,.0f} MiB"]


def member_accounts(house: House, count: int) -> list[str]:
    made = house.load.run((Call("organizations", "CreateAccount", {"Email": f"account-{number}@example.com", "AccountName": f"account-{number}"})
                           for number in range(count)), CONNECTIONS, keep=True)
    pages = house.boto.client("organizations").get_paginator("list_accounts")

    def all_made() -> list[str]:
        listed = [account["Id"] for page in pages.paginate() for account in page["Accounts"]]
        return listed if len(listed) > count else []

    assert len(made.answers) == count
    own = house.boto.client("sts").get_caller_identity()["Account"]
    return [account for account in wait_until("accounts", all_made, seconds=300) if account != own]


def measure_accounts(house: House, accounts: int, sets: int) -> str:
    note(f"{accounts} accounts with {sets} permission sets each")
    ids = member_accounts(house, accounts)
    chosen = [house.administration.create_permission_set(house.directory, f"set-{number}") for number in range(sets)]
    [user] = house.user_ids([0])
    spent, asked = assign(house, [(account, one, user) for account in ids for one in chosen], CONNECTIONS)
    return table([f"{len(ids) * sets:,} assignments on {len(ids):,} accounts", ""], [
        ["asked for, all answered, s", f"{asked:.1f}"],
        ["CPU us each, until it is in force (role made, policies attached)", f"{spent:,.0f}"]])


def grow(house: House, before: int, people: int) -> None:
    note(f"{people} people, {people // PEOPLE_OF_A_GROUP} groups: made")
    made = house.create_people(range(before, people))
    house.create_groups(range(before // PEOPLE_OF_A_GROUP, people // PEOPLE_OF_A_GROUP))
    note(f"{(people - before) / made.seconds:,.0f} people a second")


def measure(server: Server, folder: Path, arguments: Any) -> str:
    boto = Boto(server, folder)
    boto.client("organizations").create_organization(FeatureSet="ALL")
    administration = Administration(boto)
    directory = administration.enable_identity_center()
    administration.sekisho.update_mfa_settings(InstanceArn=directory.instance_arn, PromptMode="NEVER", WhenNoDevice="ALLOW")
    environment = server.environment()
    ca = environment["AWS_CA_BUNDLE"]
    house = House(server, boto, administration, directory, SignedLoad(server.port, ca, default_keys(environment)), ca)
    account = boto.client("sts").get_caller_identity()["Account"]
    pin(server.pid)
    sizes = [FEW, arguments.people]
    columns, before = [], 0
    for size in sizes:
        grow(house, before, size)
        columns.append(measure_size(house, before, size, administration.create_permission_set(directory, f"of-{size}"), account))
        before = size
    names = ["GetUserId by user name: CPU; p50, p99", "DescribeUser: CPU; p50, p99", "SearchUsers by family name: CPU; p50, p99",
             "ListUsers, a page of 20: CPU; p50, p99", "sign-in by password: CPU", "assignment until in force: CPU",
             "memory of its own", "resident, with the store's mapped pages", "store on disk"]
    head = ["", *(f"{size:,} people, {size // PEOPLE_OF_A_GROUP:,} groups" for size in sizes)]
    rows = [list(row) for row in zip(names, *columns, strict=True)]
    return table(head, rows) + "\n" + measure_accounts(house, arguments.accounts, arguments.sets)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--sets", type=int, default=10, help="permission sets assigned on each account (10)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sekisho-directory-") as name, pin_self(CLIENT_PROCESSOR), \
            running_server(Path(name), serve=RECORDS) as server:
        print(measure(server, Path(name), arguments))


if __name__ == "__main__":
    main()
