// EC2: the networks that clusters and their nodes are placed in.
import { call } from "../aws/client";
import { list } from "../aws/query";

export interface Subnet {
    subnetId: string;
    vpcId: string;
    cidrBlock: string;
    availabilityZone: string;
}

type Answer = Record<string, unknown>;

const named = (type: string, name: string) => [{ ResourceType: type, Tag: [{ Key: "Name", Value: name }] }];

export const networkApi = {
    async subnets(): Promise<Subnet[]> {
        const answer = await call<Answer>("ec2", "DescribeSubnets");
        return list<Subnet>(answer["subnetSet"]).sort((a, b) => a.vpcId.localeCompare(b.vpcId) || a.availabilityZone.localeCompare(b.availabilityZone));
    },
    // The least that a cluster needs: two subnets in two zones.
    async create(name: string): Promise<Subnet[]> {
        const zones = list<{ zoneName: string }>((await call<Answer>("ec2", "DescribeAvailabilityZones"))["availabilityZoneInfo"]);
        const made = await call<{ vpc: { vpcId: string } }>("ec2", "CreateVpc", { CidrBlock: "192.168.0.0/16", TagSpecification: named("vpc", name) });
        const subnets: Subnet[] = [];
        for (const [index, zone] of zones.slice(0, 2).entries()) {
            const answer = await call<{ subnet: Subnet }>("ec2", "CreateSubnet", {
                VpcId: made.vpc.vpcId,
                CidrBlock: `192.168.${index * 64}.0/18`,
                AvailabilityZone: zone.zoneName,
                TagSpecification: named("subnet", `${name}-${zone.zoneName}`),
            });
            subnets.push(answer.subnet);
        }
        return subnets;
    },
};
