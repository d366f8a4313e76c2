// EKS: what its pages read and change.
import { call } from "../aws/client";
import type { Input } from "../aws/query";
import { everyPage } from "../parts/load";

export interface Cluster {
    name: string;
    arn: string;
    status: string;
    version?: string;
    endpoint?: string;
    createdAt?: number;
    roleArn?: string;
    platformVersion?: string;
    accessConfig?: { authenticationMode?: string };
    identity?: { oidc?: { issuer?: string } };
    resourcesVpcConfig?: { vpcId?: string; subnetIds?: string[] };
    certificateAuthority?: { data?: string };
}
export interface Nodegroup {
    nodegroupName: string;
    nodegroupArn: string;
    status: string;
    version?: string;
    nodeRole?: string;
    instanceTypes?: string[];
    scalingConfig?: { minSize?: number; maxSize?: number; desiredSize?: number };
    createdAt?: number;
    health?: { issues?: { code?: string; message?: string }[] };
}
export interface AccessEntry {
    principalArn: string;
    kubernetesGroups?: string[];
    username?: string;
    type?: string;
    createdAt?: number;
}
export interface AssociatedPolicy {
    policyArn: string;
    accessScope?: { type?: string; namespaces?: string[] };
}

const eks = <T>(operation: string, input: Input = {}): Promise<T> => call<T>("eks", operation, input);

function names<T>(operation: string, member: string, input: Input): Promise<T[]> {
    return everyPage(async (next) => {
        const page = await eks<Record<string, T[]> & { nextToken?: string }>(operation, { ...input, maxResults: 100, nextToken: next });
        return { items: page[member] ?? [], next: page.nextToken };
    });
}

export const eksApi = {
    call: eks,
    cluster: async (name: string) => (await eks<{ cluster: Cluster }>("DescribeCluster", { name })).cluster,
    async clusters(): Promise<Cluster[]> {
        const found = await names<string>("ListClusters", "clusters", {});
        return Promise.all(found.map(eksApi.cluster));
    },
    async nodegroups(clusterName: string): Promise<Nodegroup[]> {
        const found = await names<string>("ListNodegroups", "nodegroups", { clusterName });
        return Promise.all(
            found.map(async (nodegroupName) => (await eks<{ nodegroup: Nodegroup }>("DescribeNodegroup", { clusterName, nodegroupName })).nodegroup),
        );
    },
    async accessEntries(clusterName: string): Promise<(AccessEntry & { policies: AssociatedPolicy[] })[]> {
        const found = await names<string>("ListAccessEntries", "accessEntries", { clusterName });
        return Promise.all(
            found.map(async (principalArn) => {
                const [{ accessEntry }, policies] = await Promise.all([
                    eks<{ accessEntry: AccessEntry }>("DescribeAccessEntry", { clusterName, principalArn }),
                    names<AssociatedPolicy>("ListAssociatedAccessPolicies", "associatedAccessPolicies", { clusterName, principalArn }),
                ]);
                return { ...accessEntry, policies };
            }),
        );
    },
    accessPolicies: () => names<{ name: string; arn: string }>("ListAccessPolicies", "accessPolicies", {}),
};
