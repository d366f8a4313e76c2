"""Stacks through the aws CLI and boto3: what eksctl sends, deploy, change sets, rollback, exports, denied callers."""

import json
from pathlib import Path
from typing import Any

import pytest
from administration import wait_until
from botocore.exceptions import ClientError, WaiterError
from clients import Boto, Cli, Keys, Shell, cli, shell_environment
from server import RECORDS, Server
from stacks import ADDED_ZONE, cluster_template, nodegroup_template, trust

SERVE = RECORDS  # what is tried is the stack
WAIT = {"Delay": 1, "MaxAttempts": 60}


@pytest.fixture(scope="module")
def stacks(boto: Boto) -> Any:
    return boto.client("cloudformation")


def events(stacks: Any, name: str) -> list[str]:
    pages = stacks.get_paginator("describe_stack_events").paginate(StackName=name)
    return [f"{event['LogicalResourceId']} {event['ResourceStatus']} {event.get('ResourceStatusReason', '')}"
            for page in pages for event in page["StackEvents"]][::-1]


def status(stacks: Any, name: str) -> str:
    return str(stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])


def wait(stacks: Any, what: str, name: str) -> None:
    try:
        stacks.get_waiter(what).wait(StackName=name, WaiterConfig=WAIT)
    except WaiterError as error:
        raise AssertionError("\n".join([str(error), *events(stacks, name)])) from None


def remove(stacks: Any, name: str) -> None:
    stack_id = stacks.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    stacks.delete_stack(StackName=name)
    wait(stacks, "stack_delete_complete", stack_id)


def role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust("ec2.amazonaws.com"), **properties}}


def test_the_two_stacks_of_eksctl_go_through(stacks: Any, boto: Boto) -> None:
    tags = [{"Key": "alpha.eksctl.io/cluster-name", "Value": "blog"}]
    stacks.create_stack(StackName="eksctl-blog-cluster", TemplateBody=json.dumps(cluster_template("blog"), indent=2),
                        Capabilities=["CAPABILITY_IAM"], DisableRollback=False, EnableTerminationProtection=True, Tags=tags)
    wait(stacks, "stack_create_complete", "eksctl-blog-cluster")
    shown = stacks.describe_stacks(StackName="eksctl-blog-cluster")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in shown["Outputs"]}
    assert set(outputs) == {"VPC", "FeatureNATMode", "SubnetsPublic", "SubnetsPrivate", "SecurityGroup",
                            "SharedNodeSecurityGroup", "ServiceRoleARN", "CertificateAuthorityData", "Endpoint", "ARN",
                            "ClusterSecurityGroupId", "ClusterStackName"}
    assert shown["EnableTerminationProtection"] is True
    cluster = boto.client("eks").describe_cluster(name="blog")["cluster"]
    assert cluster["status"] == "ACTIVE"
    assert cluster["tags"]["alpha.eksctl.io/cluster-name"] == "blog"
    assert cluster["arn"] == outputs["ARN"]
    ec2 = boto.client("ec2")
    subnets = ec2.describe_subnets(SubnetIds=outputs["SubnetsPublic"].split(","))["Subnets"]
    assert {subnet["VpcId"] for subnet in subnets} == {outputs["VPC"]}

    stacks.create_stack(StackName="eksctl-blog-nodegroup-ng-1", Capabilities=["CAPABILITY_IAM"], Tags=tags,
                        TemplateBody=json.dumps(nodegroup_template("blog", "ng-1", outputs["SubnetsPublic"].split(","))))
    wait(stacks, "stack_create_complete", "eksctl-blog-nodegroup-ng-1")
    assert boto.client("eks").describe_nodegroup(clusterName="blog", nodegroupName="ng-1")["nodegroup"]["status"] == "ACTIVE"

    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        stacks.delete_stack(StackName="eksctl-blog-cluster")
    remove(stacks, "eksctl-blog-nodegroup-ng-1")
    stacks.update_termination_protection(StackName="eksctl-blog-cluster", EnableTerminationProtection=False)
    remove(stacks, "eksctl-blog-cluster")
    assert boto.client("eks").list_clusters()["clusters"] == []
    assert ec2.describe_vpcs(VpcIds=[])["Vpcs"] == [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if vpc["IsDefault"]]
    assert [r for r in boto.client("iam").list_roles()["Roles"] if "eksctl" in r["RoleName"]] == []


def test_ten_clusters_at_once_leave_nothing(stacks: Any, boto: Boto) -> None:
    names = [f"many-{number}" for number in range(10)]
    for name in names:
        stacks.create_stack(StackName=name, TemplateBody=json.dumps(cluster_template(name)),
                            Capabilities=["CAPABILITY_IAM"])
    for name in names:
        wait(stacks, "stack_create_complete", name)
    assert sorted(boto.client("eks").list_clusters()["clusters"]) == sorted(names)
    ids = {name: stacks.describe_stacks(StackName=name)["Stacks"][0]["StackId"] for name in names}
    for name in names:
        stacks.delete_stack(StackName=name)
    for name in names:
        wait(stacks, "stack_delete_complete", ids[name])
    ec2 = boto.client("ec2")
    assert boto.client("eks").list_clusters()["clusters"] == []
    assert [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]] == []
    assert ec2.describe_addresses()["Addresses"] == []
    assert [r for r in boto.client("iam").list_roles()["Roles"] if r["RoleName"].startswith("many-")] == []


@pytest.fixture
def shell(server: Server, module_folder: Path) -> Shell:
    newest: Cli = cli("newest-endpoint")
    return Shell(shell_environment(server, newest, module_folder), module_folder)


def test_deploy_of_the_aws_cli(shell: Shell, stacks: Any) -> None:
    (shell.folder / "team.yaml").write_text("""
Parameters:
  Days: {Type: Number, Default: 1, MinValue: 1}
Conditions:
  Long: !Not [!Equals [!Ref Days, 1]]
Resources:
  Group:
    Type: AWS::IAM::Group
    Properties:
      GroupName: !Sub '${AWS::StackName}-group'
  Extra:
    Type: AWS::IAM::Group
    Condition: Long
Outputs:
  Name: {Value: !Ref Group}
  Kind: {Value: !If [Long, long, short]}
""")
    deploy = "aws cloudformation deploy --stack-name team --template-file team.yaml --capabilities CAPABILITY_NAMED_IAM"
    shell.run(deploy)
    assert status(stacks, "team") == "CREATE_COMPLETE"
    assert "No changes to deploy" in shell.run(deploy + " --no-fail-on-empty-changeset").stdout
    # The CLI names its change sets after the second.
    shell.run("sleep 1; " + deploy + " --parameter-overrides Days=2 --tags a=b")
    shown = json.loads(shell.run("aws cloudformation describe-stacks --stack-name team --output json").stdout)["Stacks"][0]
    assert (shown["StackStatus"], shown["Tags"]) == ("UPDATE_COMPLETE", [{"Key": "a", "Value": "b"}])
    assert {o["OutputKey"]: o["OutputValue"] for o in shown["Outputs"]} == {"Name": "team-group", "Kind": "long"}
    shell.run("aws cloudformation delete-stack --stack-name team && "
              "aws cloudformation wait stack-delete-complete --stack-name team")


def test_a_denied_caller_is_told_which_action_and_leaves_nothing(stacks: Any, boto: Boto) -> None:
    iam = boto.client("iam")
    iam.create_user(UserName="builder")
    iam.put_user_policy(UserName="builder", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["cloudformation:*", "iam:CreateRole"], "Resource": "*"}]}))
    key = iam.create_access_key(UserName="builder")["AccessKey"]
    own = boto.client("cloudformation", Keys(key["AccessKeyId"], key["SecretAccessKey"]))
    policy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
    body = json.dumps({"Resources": {"Role": role(ManagedPolicyArns=[policy])}})
    own.create_stack(StackName="denied", TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
    wait_until("the rollback", lambda: status(stacks, "denied") == "ROLLBACK_COMPLETE")
    lines = events(own, "denied")
    assert any("is not authorized to perform: iam:AttachRolePolicy" in line for line in lines), lines
    assert [r for r in iam.list_roles()["Roles"] if r["RoleName"].startswith("denied-")] == []
    remove(stacks, "denied")
    with pytest.raises(ClientError, match="not authorized to perform: cloudformation:CreateStack"):
        iam.delete_user_policy(UserName="builder", PolicyName="p")
        own.create_stack(StackName="denied", TemplateBody=body, Capabilities=["CAPABILITY_IAM"])


def test_a_stack_acts_as_its_role(stacks: Any, boto: Boto) -> None:
    iam = boto.client("iam")
    arn = iam.create_role(RoleName="maker", AssumeRolePolicyDocument=json.dumps(trust("cloudformation.amazonaws.com")))["Role"]["Arn"]
    iam.put_role_policy(RoleName="maker", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*Group*", "Resource": "*"}]}))
    stacks.create_stack(StackName="by-role", RoleARN=arn, TemplateBody=json.dumps(
        {"Resources": {"Group": {"Type": "AWS::IAM::Group"}}}), Capabilities=["CAPABILITY_IAM"])
    wait(stacks, "stack_create_complete", "by-role")
    stacks.update_stack(StackName="by-role", Capabilities=["CAPABILITY_IAM"], TemplateBody=json.dumps(
        {"Resources": {"Group": {"Type": "AWS::IAM::Group"}, "Role": role()}}))
    wait(stacks, "stack_rollback_complete", "by-role")
    assert any("assumed-role/maker/AWSCloudFormation is not authorized to perform: iam:CreateRole" in line
               for line in events(stacks, "by-role"))
    assert status(stacks, "by-role") == "UPDATE_ROLLBACK_COMPLETE"
    remove(stacks, "by-role")


def test_rules_look_at_what_parameters_name(shell: Shell, boto: Boto) -> None:
    ec2 = boto.client("ec2")
    vpcs = [ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"] for block in ("10.1.0.0/16", "10.2.0.0/16")]
    subnet = ec2.create_subnet(VpcId=vpcs[0], CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    (shell.folder / "rules.yaml").write_text("""
Parameters:
  Vpc: {Type: 'AWS::EC2::VPC::Id'}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>'}
Rules:
  Place:
    Assertions:
    - Assert: !EachMemberEquals [!ValueOf [Subnets, VpcId], !Ref Vpc]
      AssertDescription: The subnets are not in that VPC
Resources:
  Group: {Type: 'AWS::IAM::Group'}
""")
    create = "aws cloudformation create-stack --stack-name ruled --template-body file://rules.yaml --capabilities CAPABILITY_IAM " \
             "--parameters ParameterKey=Vpc,ParameterValue={} ParameterKey=Subnets,ParameterValue={}"
    refused = shell.run(create.format(vpcs[1], subnet), check=False)
    assert "An error occurred (ValidationError) when calling the CreateStack operation: The subnets are not in that VPC" in refused.stderr
    assert "does not exist" in shell.run(create.format(vpcs[0], "subnet-0123456789abcdef0"), check=False).stderr
    shell.run(create.format(vpcs[0], subnet))
    shell.run("aws cloudformation wait stack-create-complete --stack-name ruled && aws cloudformation delete-stack --stack-name ruled "
              "&& aws cloudformation wait stack-delete-complete --stack-name ruled")
    ec2.delete_subnet(SubnetId=subnet)
    for vpc in vpcs:
        ec2.delete_vpc(VpcId=vpc)


def test_stack_policies_by_the_aws_cli(shell: Shell, stacks: Any) -> None:
    stacks.create_stack(StackName="held", TemplateBody=json.dumps({"Resources": {"Role": role()}}), Capabilities=["CAPABILITY_IAM"])
    wait(stacks, "stack_create_complete", "held")
    assert "StackPolicyBody" not in stacks.get_stack_policy(StackName="held")
    policy = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "Update:*", "Resource": "LogicalResourceId/Role"}]}
    (shell.folder / "policy.json").write_text(json.dumps(policy))
    shell.run("aws cloudformation set-stack-policy --stack-name held --stack-policy-body file://policy.json")
    assert json.loads(json.loads(shell.run("aws cloudformation get-stack-policy --stack-name held").stdout)["StackPolicyBody"]) == policy
    stacks.update_stack(StackName="held", Capabilities=["CAPABILITY_IAM"],
                        TemplateBody=json.dumps({"Resources": {"Role": role(Description="other")}}))
    wait(stacks, "stack_rollback_complete", "held")
    assert any("UPDATE_FAILED Action denied by stack policy: Statement [#0] does not allow [Update:Modify]" in line
               for line in events(stacks, "held"))
    remove(stacks, "held")


@pytest.mark.parametrize(("url", "message"), [
    ("https://example.com/template.json", "TemplateURL must be a supported URL."),
    ("https://templates.s3.us-east-1.amazonaws.com/template.json", "S3 error: The specified bucket does not exist"),
])
def test_a_template_elsewhere_is_refused(stacks: Any, url: str, message: str) -> None:
    with pytest.raises(ClientError) as caught:
        stacks.create_stack(StackName="elsewhere", TemplateURL=url)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert caught.value.response["Error"]["Message"].startswith(message)


def test_an_attribute_that_another_resource_brings(stacks: Any, boto: Boto) -> None:
    """A VPC's IPv6 range comes after the VPC; what depends on it sees it."""
    ranges = {"Fn::Cidr": [{"Fn::Select": [0, {"Fn::GetAtt": ["Vpc", "Ipv6CidrBlocks"]}]}, 4, 64]}
    body = {"Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.3.0.0/16"}},
        "Range": {"Type": "AWS::EC2::VPCCidrBlock", "Properties": {"VpcId": {"Ref": "Vpc"}, "AmazonProvidedIpv6CidrBlock": True}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "DependsOn": "Range", "Properties": {
            "VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.3.1.0/24", "Ipv6CidrBlock": {"Fn::Select": [1, ranges]}}}},
        "Outputs": {"Subnet": {"Value": {"Ref": "Subnet"}}}}
    stacks.create_stack(StackName="six", TemplateBody=json.dumps(body))
    wait(stacks, "stack_create_complete", "six")
    [output] = stacks.describe_stacks(StackName="six")["Stacks"][0]["Outputs"]
    [subnet] = boto.client("ec2").describe_subnets(SubnetIds=[output["OutputValue"]])["Subnets"]
    [association] = subnet["Ipv6CidrBlockAssociationSet"]
    assert association["Ipv6CidrBlock"].endswith("1::/64")
    remove(stacks, "six")


def test_an_attribute_that_a_resource_does_not_have(stacks: Any) -> None:
    body = cluster_template("lacks")
    body["Outputs"] = {"Id": {"Value": {"Fn::GetAtt": ["ControlPlane", "Id"]}}}
    stacks.create_stack(StackName="lacks", TemplateBody=json.dumps(body), Capabilities=["CAPABILITY_IAM"])
    wait_until("the rollback", lambda: status(stacks, "lacks") == "ROLLBACK_COMPLETE")
    assert any("ROLLBACK_IN_PROGRESS Attribute 'Id' does not exist" in line for line in events(stacks, "lacks"))
    remove(stacks, "lacks")


def test_an_update_moves_a_subnet_and_adds_a_zone(stacks: Any, boto: Boto) -> None:
    before = cluster_template("grows")
    stacks.create_stack(StackName="grows", TemplateBody=json.dumps(before), Capabilities=["CAPABILITY_IAM"])
    wait(stacks, "stack_create_complete", "grows")
    after = cluster_template("grows", zones=("us-east-1a", "us-east-1b", ADDED_ZONE))
    after["Resources"]["ControlPlane"] = before["Resources"]["ControlPlane"]
    made = stacks.create_change_set(StackName="grows", ChangeSetName="zone", TemplateBody=json.dumps(after),
                                    Capabilities=["CAPABILITY_IAM"])
    stacks.get_waiter("change_set_create_complete").wait(ChangeSetName=made["Id"], WaiterConfig=WAIT)
    changes = stacks.describe_change_set(ChangeSetName=made["Id"])["Changes"]
    assert {change["ResourceChange"]["Action"] for change in changes} == {"Add"}
    assert "SubnetPublicUSEAST1C" in {change["ResourceChange"]["LogicalResourceId"] for change in changes}
    stacks.execute_change_set(ChangeSetName=made["Id"])
    wait(stacks, "stack_update_complete", "grows")
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stacks.describe_stacks(StackName="grows")["Stacks"][0]["Outputs"]}
    zones = {s["AvailabilityZone"] for s in boto.client("ec2").describe_subnets(
        SubnetIds=outputs["SubnetsPublic"].split(","))["Subnets"]}
    assert zones == {"us-east-1a", "us-east-1b", ADDED_ZONE}
    remove(stacks, "grows")


def test_lists_pages_and_summaries(stacks: Any) -> None:
    body = json.dumps({"Description": "d", "Parameters": {"P": {"Type": "String", "NoEcho": True}},
                       "Resources": {"G": {"Type": "AWS::IAM::Group"}}})
    summary = stacks.get_template_summary(TemplateBody=body)
    assert (summary["ResourceTypes"], summary["Capabilities"]) == (["AWS::IAM::Group"], ["CAPABILITY_IAM"])
    assert stacks.validate_template(TemplateBody=body)["Parameters"][0]["NoEcho"] is True
    for number in range(3):
        stacks.create_stack(StackName=f"page-{number}", TemplateBody=body, Capabilities=["CAPABILITY_IAM"],
                            Parameters=[{"ParameterKey": "P", "ParameterValue": f"secret-{number}"}])
    for number in range(3):
        wait(stacks, "stack_create_complete", f"page-{number}")
    found = [s["StackName"] for page in stacks.get_paginator("list_stacks").paginate(StackStatusFilter=["CREATE_COMPLETE"])
             for s in page["StackSummaries"] if s["StackName"].startswith("page-")]
    assert found == ["page-2", "page-1", "page-0"]
    shown = stacks.describe_stacks(StackName="page-1")["Stacks"][0]
    assert shown["Parameters"] == [{"ParameterKey": "P", "ParameterValue": "****"}]
    assert stacks.get_template(StackName="page-1")["TemplateBody"] == json.loads(body)
    for number in range(3):
        remove(stacks, f"page-{number}")
    with pytest.raises(ClientError) as caught:
        stacks.describe_stacks(StackName="page-1")
    assert caught.value.response["Error"] == {"Type": "Sender", "Code": "ValidationError",
                                              "Message": "Stack with id page-1 does not exist"}
