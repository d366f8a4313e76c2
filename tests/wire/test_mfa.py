"""A second factor for IAM users: virtual MFA devices through the aws CLIs and boto3, codes by oathtool."""

import json
import struct
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from authenticator import STEP_SECONDS, Authenticator
from botocore.exceptions import ClientError
from clients import Boto, Keys, aws, aws_json, cli, shell_environment
from server import REGION, Server
from terminal import Terminal

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
# The IAM user guide's deny: everything but what a user needs to get a second factor.
WITHOUT_MFA_NOTHING = {"Effect": "Deny", "NotAction": ["sts:GetSessionToken", "iam:ListMFADevices"], "Resource": "*",
                       "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code."
NO_DEVICE = ("MultiFactorAuthentication failed, unable to validate MFA code.  "
             "Please verify your MFA serial number is valid and associated with this user.")


@dataclass
class Owner:
    """An IAM user who may do everything, but only with a second factor; and the device that shows it."""

    name: str
    keys: Keys
    serial_number: str
    authenticator: Authenticator


def refusal(call: Any, /, **arguments: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


@pytest.fixture(scope="module")
def iam(boto: Boto) -> Any:
    return boto.client("iam")


@pytest.fixture(scope="module")
def account(boto: Boto) -> str:
    return boto.client("sts").get_caller_identity()["Account"]


def enable(iam: Any, user: str, serial_number: str, seed: str) -> Authenticator:
    """Shows two codes of the minute before, so that those of now are left for the test."""
    authenticator = Authenticator(seed)
    step = int(time.time()) // STEP_SECONDS - 2
    iam.enable_mfa_device(UserName=user, SerialNumber=serial_number, AuthenticationCode1=authenticator.code_at(step - 1),
                          AuthenticationCode2=authenticator.code_at(step))
    return authenticator


def make_owner(iam: Any, name: str) -> Owner:
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="mfa", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [EVERYTHING, WITHOUT_MFA_NOTHING]}))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    authenticator = enable(iam, name, device["SerialNumber"], device["Base32StringSeed"].decode())
    return Owner(name, Keys(key["AccessKeyId"], key["SecretAccessKey"]), device["SerialNumber"], authenticator)


def remove_owner(iam: Any, owner: Owner) -> None:
    iam.deactivate_mfa_device(UserName=owner.name, SerialNumber=owner.serial_number)
    iam.delete_virtual_mfa_device(SerialNumber=owner.serial_number)
    iam.delete_access_key(UserName=owner.name, AccessKeyId=owner.keys.access_key_id)
    iam.delete_user_policy(UserName=owner.name, PolicyName="mfa")
    iam.delete_user(UserName=owner.name)


@pytest.fixture
def owner(iam: Any) -> Iterator[Owner]:
    made = make_owner(iam, "mfa-owner")
    yield made
    remove_owner(iam, made)


@pytest.fixture
def guarded_role(iam: Any, account: str) -> Iterator[str]:
    """A role that asks for a second factor not older than an hour."""
    iam.create_role(RoleName="guarded", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole",
         "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"},
                       "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}}]}))
    yield f"arn:aws:iam::{account}:role/guarded"
    iam.delete_role(RoleName="guarded")


def png_side(image: bytes) -> int:
    """Checks every chunk's checksum and the pixels' length, as a decoder does; gives the side."""
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, {}
    while at < len(image):
        (size,), kind = struct.unpack(">I", image[at:at + 4]), image[at + 4:at + 8]
        data = image[at + 8:at + 8 + size]
        assert struct.unpack(">I", image[at + 8 + size:at + 12 + size])[0] == zlib.crc32(kind + data)
        chunks[kind] = data
        at += 12 + size
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (width, depth, colour) == (height, 1, 0)
    assert len(zlib.decompress(chunks[b"IDAT"])) == height * (1 + (width + 7) // 8)
    return width


def test_cli_makes_a_device(environment: dict[str, str], account: str, tmp_path: Path) -> None:
    """`aws iam create-virtual-mfa-device` writes the seed or the image into a file; every later step by the CLI, too."""
    seed_file, image_file = tmp_path / "seed", tmp_path / "code.png"
    aws(environment, "iam", "create-user", "--user-name", "cli-owner")
    serial = aws_json(environment, "iam", "create-virtual-mfa-device", "--virtual-mfa-device-name", "cli-owner",
                      "--outfile", str(seed_file), "--bootstrap-method", "Base32StringSeed")["VirtualMFADevice"]["SerialNumber"]
    assert serial == f"arn:aws:iam::{account}:mfa/cli-owner"
    aws(environment, "iam", "create-virtual-mfa-device", "--path", "/spare/", "--virtual-mfa-device-name", "cli-owner",
        "--outfile", str(image_file), "--bootstrap-method", "QRCodePNG")
    assert png_side(image_file.read_bytes()) % 4 == 0
    authenticator = Authenticator(seed_file.read_text(encoding="ascii"))
    step = int(time.time()) // STEP_SECONDS
    aws(environment, "iam", "enable-mfa-device", "--user-name", "cli-owner", "--serial-number", serial,
        "--authentication-code1", authenticator.code_at(step - 1), "--authentication-code2", authenticator.code_at(step))
    [device] = aws_json(environment, "iam", "list-mfa-devices", "--user-name", "cli-owner")["MFADevices"]
    assert (device["UserName"], device["SerialNumber"]) == ("cli-owner", serial)
    assigned = aws_json(environment, "iam", "list-virtual-mfa-devices", "--assignment-status", "Assigned")
    assert serial in [device["SerialNumber"] for device in assigned["VirtualMFADevices"]]
    spare = aws_json(environment, "iam", "list-virtual-mfa-devices", "--assignment-status", "Unassigned")
    assert f"arn:aws:iam::{account}:mfa/spare/cli-owner" in [d["SerialNumber"] for d in spare["VirtualMFADevices"]]
    refused = aws(environment, "iam", "delete-user", "--user-name", "cli-owner", check=False)
    assert "(DeleteConflict)" in refused.stderr and "must delete MFA device first." in refused.stderr
    aws(environment, "iam", "deactivate-mfa-device", "--user-name", "cli-owner", "--serial-number", serial)
    for number in (serial, f"arn:aws:iam::{account}:mfa/spare/cli-owner"):
        aws(environment, "iam", "delete-virtual-mfa-device", "--serial-number", number)
    aws(environment, "iam", "delete-user", "--user-name", "cli-owner")


def test_tags_and_looks(iam: Any, owner: Owner) -> None:
    iam.tag_mfa_device(SerialNumber=owner.serial_number, Tags=[{"Key": "team", "Value": "red"}, {"Key": "x", "Value": "1"}])
    iam.untag_mfa_device(SerialNumber=owner.serial_number, TagKeys=["x"])
    assert iam.list_mfa_device_tags(SerialNumber=owner.serial_number)["Tags"] == [{"Key": "team", "Value": "red"}]
    shown = iam.get_mfa_device(SerialNumber=owner.serial_number, UserName=owner.name)
    assert shown["UserName"] == owner.name and "EnableDate" in shown
    [listed] = [d for d in iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
                if d["SerialNumber"] == owner.serial_number]
    assert listed["User"]["UserName"] == owner.name
    assert "Base32StringSeed" not in listed and "QRCodePNG" not in listed
    assert iam.get_account_summary()["SummaryMap"]["MFADevicesInUse"] >= 1


def test_session_with_a_second_factor(boto: Boto, iam: Any, owner: Owner) -> None:
    plain = boto.client("iam", owner.keys)
    assert [d["SerialNumber"] for d in plain.list_mfa_devices()["MFADevices"]] == [owner.serial_number]
    status, code, message = refusal(plain.list_users)
    assert (status, code) == (403, "AccessDenied") and "with an explicit deny in an identity-based policy" in message
    sts = boto.client("sts", owner.keys)
    token_code = owner.authenticator.code()
    credentials = sts.get_session_token(SerialNumber=owner.serial_number, TokenCode=token_code)["Credentials"]
    assert boto.client("iam", Keys.from_response(credentials)).list_users()["Users"]
    # A session without one has the key, too, and it says false.
    without = sts.get_session_token()["Credentials"]
    assert refusal(boto.client("iam", Keys.from_response(without)).list_users)[1] == "AccessDenied"
    assert refusal(sts.get_session_token, SerialNumber=owner.serial_number, TokenCode=token_code) == (
        403, "AccessDenied", WRONG_CODE)


def test_role_that_asks_for_a_second_factor(boto: Boto, owner: Owner, guarded_role: str) -> None:
    sts = boto.client("sts", owner.keys)
    asked = {"RoleArn": guarded_role, "RoleSessionName": "session"}
    status, code, message = refusal(sts.assume_role, **asked)
    assert (status, code) == (403, "AccessDenied") and "is not authorized to perform: sts:AssumeRole" in message
    other = owner.serial_number.replace("mfa-owner", "nobody")
    assert refusal(sts.assume_role, **asked, SerialNumber=other, TokenCode="123456") == (403, "AccessDenied", NO_DEVICE)
    credentials = sts.assume_role(**asked, SerialNumber=owner.serial_number,
                                  TokenCode=owner.authenticator.code())["Credentials"]
    session = boto.client("sts", Keys.from_response(credentials)).get_caller_identity()
    assert session["Arn"].endswith(":assumed-role/guarded/session")


def test_guesses_lock_the_device(boto: Boto, owner: Owner) -> None:
    sts = boto.client("sts", owner.keys)
    old = owner.authenticator.code_at(1)  # of 1970
    for _ in range(5):
        assert refusal(sts.get_session_token, SerialNumber=owner.serial_number, TokenCode=old)[2] == WRONG_CODE
    assert refusal(sts.get_session_token, SerialNumber=owner.serial_number,
                   TokenCode=owner.authenticator.code())[2] == WRONG_CODE


def test_cli_asks_for_the_code(server: Server, iam: Any, module_folder: Path, owner: Owner, guarded_role: str) -> None:
    """A profile with `mfa_serial`: the CLI prompts and assumes the role with the code."""
    environment = shell_environment(server, cli("newest-endpoint"), module_folder)
    config = module_folder / "mfa-config"
    config.write_text(f"[profile guarded]\nregion = {REGION}\nrole_arn = {guarded_role}\nmfa_serial = {owner.serial_number}\n"
                      f"source_profile = owner\n[profile owner]\naws_access_key_id = {owner.keys.access_key_id}\n"
                      f"aws_secret_access_key = {owner.keys.secret_access_key}\n", encoding="ascii")
    environment |= {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(module_folder / "none"),
                    "AWS_PROFILE": "guarded"}
    command = ["aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
    with Terminal(command, environment, module_folder) as terminal:
        prompt = f"Enter MFA code for {owner.serial_number}:"
        terminal.wait_for(prompt)  # the code is of when it is asked for
        terminal.answer(prompt, owner.authenticator.code())
        terminal.wait_for(r":assumed-role/guarded/")
        assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("operation, arguments", [
    ("create_virtual_mfa_device", {"VirtualMFADeviceName": "x"}),
    ("delete_virtual_mfa_device", {"SerialNumber": "DEVICE"}),
    ("list_virtual_mfa_devices", {}),
    ("enable_mfa_device", {"UserName": "USER", "SerialNumber": "DEVICE", "AuthenticationCode1": "123456",
                           "AuthenticationCode2": "123457"}),
    ("resync_mfa_device", {"UserName": "USER", "SerialNumber": "DEVICE", "AuthenticationCode1": "123456",
                           "AuthenticationCode2": "123457"}),
    ("deactivate_mfa_device", {"UserName": "USER", "SerialNumber": "DEVICE"}),
    ("get_mfa_device", {"UserName": "USER", "SerialNumber": "DEVICE"}),
    ("list_mfa_devices", {"UserName": "USER"}),
    ("tag_mfa_device", {"SerialNumber": "DEVICE", "Tags": [{"Key": "a", "Value": "b"}]}),
    ("untag_mfa_device", {"SerialNumber": "DEVICE", "TagKeys": ["a"]}),
    ("list_mfa_device_tags", {"SerialNumber": "DEVICE"}),
])
def test_a_stranger_learns_nothing(boto: Boto, iam: Any, owner: Owner, account: str, operation: str,
                                   arguments: dict[str, Any]) -> None:
    """The same refusal for a device that exists and one that does not."""
    iam.create_user(UserName="stranger")
    key = iam.create_access_key(UserName="stranger")["AccessKey"]
    try:
        stranger = boto.client("iam", Keys(key["AccessKeyId"], key["SecretAccessKey"]))
        answers = set()
        for device in (owner.serial_number, f"arn:aws:iam::{account}:mfa/no-owner"):
            named = {name: device if value == "DEVICE" else owner.name if value == "USER" else value
                     for name, value in arguments.items()}
            status, code, message = refusal(getattr(stranger, operation), **named)
            answers.add((status, code, message.replace(device, "DEVICE")))
        [(status, code, message)] = answers
        assert (status, code) == (403, "AccessDenied") and "is not authorized to perform: iam:" in message
    finally:
        iam.delete_access_key(UserName="stranger", AccessKeyId=key["AccessKeyId"])
        iam.delete_user(UserName="stranger")
