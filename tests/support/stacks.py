"""Templates of the form that `eksctl create cluster` sends (two stacks: the cluster with its network, the node group)."""

from typing import Any

ADDED_ZONE = "us-east-1c"
PRINCIPALS = {"ServicePrincipalPartitionMap": {"aws": {"EC2": "ec2.amazonaws.com", "EKS": "eks.amazonaws.com"}}}


def trust(service: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {"Service": [service]}}]}


def principal(service: str) -> dict[str, Any]:
    return {"Fn::FindInMap": ["ServicePrincipalPartitionMap", {"Ref": "AWS::Partition"}, service]}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def attribute(name: str, of: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, of]}


def managed(*names: str) -> list[dict[str, str]]:
    return [{"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{name}"} for name in names]


class Template:
    """Resources by name; those that take tags get their Name, as eksctl gives it."""

    def __init__(self, description: str) -> None:
        self.resources: dict[str, Any] = {}
        self.body: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09", "Description": description,
                                     "Mappings": PRINCIPALS, "Resources": self.resources}

    def add(self, name: str, kind: str, *, tagged: bool = False, tags: tuple[tuple[str, str], ...] = (),
            depends_on: str | None = None, **properties: Any) -> None:
        if tagged:
            properties["Tags"] = [{"Key": "Name", "Value": {"Fn::Sub": f"${{AWS::StackName}}/{name}"}},
                                  *({"Key": key, "Value": value} for key, value in tags)]
        self.resources[name] = {"Type": f"AWS::{kind}", "Properties": properties}
        if depends_on:
            self.resources[name]["DependsOn"] = [depends_on]


def add_zone(template: Template, zone: str, number: int, zones: int) -> None:
    name = zone.upper().replace("-", "")
    for kind, index, role in (("Public", number, "elb"), ("Private", number + zones, "internal-elb")):
        extra = {"MapPublicIpOnLaunch": True} if kind == "Public" else {}
        template.add(f"Subnet{kind}{name}", "EC2::Subnet", tagged=True, tags=((f"kubernetes.io/role/{role}", "1"),),
                     AvailabilityZone=zone, CidrBlock=f"192.168.{index * 32}.0/19", VpcId=ref("VPC"), **extra)
        table = "PublicRouteTable" if kind == "Public" else f"PrivateRouteTable{name}"
        template.add(f"RouteTableAssociation{kind}{name}", "EC2::SubnetRouteTableAssociation",
                     SubnetId=ref(f"Subnet{kind}{name}"), RouteTableId=ref(table))
    template.add(f"PrivateRouteTable{name}", "EC2::RouteTable", tagged=True, VpcId=ref("VPC"))
    template.add(f"NATPrivateSubnetRoute{name}", "EC2::Route", RouteTableId=ref(f"PrivateRouteTable{name}"),
                 DestinationCidrBlock="0.0.0.0/0", NatGatewayId=ref("NATGateway"))


def add_network(template: Template, zones: tuple[str, ...]) -> None:
    template.add("VPC", "EC2::VPC", tagged=True, CidrBlock="192.168.0.0/16", EnableDnsHostnames=True, EnableDnsSupport=True)
    template.add("InternetGateway", "EC2::InternetGateway", tagged=True)
    template.add("VPCGatewayAttachment", "EC2::VPCGatewayAttachment", InternetGatewayId=ref("InternetGateway"),
                 VpcId=ref("VPC"))
    template.add("PublicRouteTable", "EC2::RouteTable", tagged=True, VpcId=ref("VPC"))
    template.add("PublicSubnetRoute", "EC2::Route", depends_on="VPCGatewayAttachment", RouteTableId=ref("PublicRouteTable"),
                 DestinationCidrBlock="0.0.0.0/0", GatewayId=ref("InternetGateway"))
    template.add("NATIP", "EC2::EIP", tagged=True, Domain="vpc")
    first = zones[0].upper().replace("-", "")
    template.add("NATGateway", "EC2::NatGateway", tagged=True, AllocationId=attribute("NATIP", "AllocationId"),
                 SubnetId=ref(f"SubnetPublic{first}"))
    for number, zone in enumerate(zones):
        # Four places for each kind: a zone that comes later takes no other's addresses.
        add_zone(template, zone, number, 4)
    for name in ("ControlPlaneSecurityGroup", "ClusterSharedNodeSecurityGroup"):
        template.add(name, "EC2::SecurityGroup", tagged=True, GroupDescription=f"of {name}", VpcId=ref("VPC"))
    shared, own = ref("ClusterSharedNodeSecurityGroup"), attribute("ControlPlane", "ClusterSecurityGroupId")
    for name, target, source in (("IngressInterNodeGroupSG", shared, shared), ("IngressDefaultClusterToNodeSG", shared, own),
                                 ("IngressNodeToDefaultClusterSG", own, shared)):
        template.add(name, "EC2::SecurityGroupIngress", GroupId=target, SourceSecurityGroupId=source, IpProtocol="-1",
                     FromPort=0, ToPort=65535, Description=f"of {name}")


def cluster_template(cluster: str, *, zones: tuple[str, ...] = ("us-east-1a", "us-east-1b")) -> dict[str, Any]:
    template = Template("EKS cluster (dedicated VPC: true, dedicated IAM: true)")
    add_network(template, zones)
    template.add("ServiceRole", "IAM::Role", tagged=True, AssumeRolePolicyDocument=trust(principal("EKS")),
                 ManagedPolicyArns=managed("AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController"))
    names = [zone.upper().replace("-", "") for zone in zones]
    public, private = ([ref(f"Subnet{kind}{name}") for name in names] for kind in ("Public", "Private"))
    template.add("ControlPlane", "EKS::Cluster", tagged=True, Name=cluster, Version="1.34",
                 RoleArn=attribute("ServiceRole", "Arn"), BootstrapSelfManagedAddons=False,
                 AccessConfig={"AuthenticationMode": "API_AND_CONFIG_MAP", "BootstrapClusterCreatorAdminPermissions": True},
                 KubernetesNetworkConfig={"IpFamily": "ipv4"},
                 ResourcesVpcConfig={"EndpointPublicAccess": True, "EndpointPrivateAccess": False,
                                     "SecurityGroupIds": [ref("ControlPlaneSecurityGroup")],
                                     "SubnetIds": [*public, *private]})
    values = {"VPC": ref("VPC"), "SubnetsPublic": {"Fn::Join": [",", public]}, "SubnetsPrivate": {"Fn::Join": [",", private]},
              "SecurityGroup": ref("ControlPlaneSecurityGroup"),
              "SharedNodeSecurityGroup": ref("ClusterSharedNodeSecurityGroup"),
              "ServiceRoleARN": attribute("ServiceRole", "Arn"), "Endpoint": attribute("ControlPlane", "Endpoint"),
              "ARN": attribute("ControlPlane", "Arn"),
              "ClusterSecurityGroupId": attribute("ControlPlane", "ClusterSecurityGroupId")}
    outputs: dict[str, Any] = {name: {"Value": value, "Export": {"Name": {"Fn::Sub": f"${{AWS::StackName}}::{name}"}}}
                               for name, value in values.items()}
    outputs["FeatureNATMode"] = {"Value": "Single"}
    outputs["CertificateAuthorityData"] = {"Value": attribute("ControlPlane", "CertificateAuthorityData")}
    outputs["ClusterStackName"] = {"Value": ref("AWS::StackName")}
    return {**template.body, "Outputs": outputs}


def nodegroup_template(cluster: str, name: str, subnets: list[str]) -> dict[str, Any]:
    template = Template("EKS Managed Nodes (SSH access: false)")
    tags = {"alpha.eksctl.io/nodegroup-name": name, "alpha.eksctl.io/nodegroup-type": "managed"}
    template.add("NodeInstanceRole", "IAM::Role", tagged=True, Path="/", AssumeRolePolicyDocument=trust(principal("EC2")),
                 ManagedPolicyArns=managed("AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy",
                                           "AmazonEKS_CNI_Policy", "AmazonSSMManagedInstanceCore"))
    instance_tags = [{"Key": key, "Value": value} for key, value in {"Name": f"{cluster}-{name}-Node", **tags}.items()]
    template.add("LaunchTemplate", "EC2::LaunchTemplate", LaunchTemplateName={"Fn::Sub": "${AWS::StackName}"},
                 LaunchTemplateData={
                     "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {
                         "VolumeSize": 80, "VolumeType": "gp3", "Iops": 3000, "Throughput": 125}}],
                     "MetadataOptions": {"HttpPutResponseHopLimit": 2, "HttpTokens": "required"},
                     "SecurityGroupIds": [{"Fn::ImportValue": f"eksctl-{cluster}-cluster::ClusterSecurityGroupId"}],
                     "TagSpecifications": [{"ResourceType": kind, "Tags": instance_tags}
                                           for kind in ("instance", "volume", "network-interface")]})
    template.add("ManagedNodeGroup", "EKS::Nodegroup", AmiType="AL2023_x86_64_STANDARD", ClusterName=cluster,
                 NodegroupName=name, InstanceTypes=["m5.large"],
                 Labels={"alpha.eksctl.io/cluster-name": cluster, "alpha.eksctl.io/nodegroup-name": name},
                 LaunchTemplate={"Id": ref("LaunchTemplate")}, NodeRole=attribute("NodeInstanceRole", "Arn"),
                 ScalingConfig={"MinSize": 2, "MaxSize": 2, "DesiredSize": 2}, Subnets=subnets, Tags=tags)
    return template.body
