// EKS: what its pages read and change.
import { call } from "../aws/client";
import type { Input } from "../aws/query";
import { everyPage } from "../parts/load";
import { pause } from "./identity";

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

export interface ClusterVersion {
    clusterVersion: string;
    defaultVersion?: boolean;
    endOfStandardSupportDate?: number;
}
export interface MappingEntry {
    Kind: "ROLE" | "USER" | "PERMISSION_SET" | "ACCOUNT";
    PrincipalArn?: string;
    AccountId?: string;
    PermissionSetName?: string;
    Username?: string;
    Groups?: string[];
}
export interface MappingChange {
    ChangeId: string;
    Status: "IN_PROGRESS" | "SUCCEEDED" | "FAILED";
    FailureReason?: string;
}
export interface Mapping {
    MapRoles?: string;
    MapUsers?: string;
    MapAccounts?: string;
    Entries?: MappingEntry[];
    Problems?: string[];
    Stale?: boolean;
    ReadDate?: number;
    Change?: MappingChange;
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
    // The one to take without a reason for another comes first.
    async versions(): Promise<ClusterVersion[]> {
        const found = await names<ClusterVersion>("DescribeClusterVersions", "clusterVersions", {});
        return found.sort((a, b) => Number(b.defaultVersion ?? false) - Number(a.defaultVersion ?? false));
    },
    accessPolicies: () => names<{ name: string; arn: string }>("ListAccessPolicies", "accessPolicies", {}),
};

const tellMilliseconds = 300;
const seenTriesMax = 20;

export class MappingApi {
    constructor(readonly cluster: string) {}

    describe(): Promise<Mapping> {
        return call<Mapping>("sekisho", "DescribeIdentityMapping", { ClusterName: this.cluster });
    }
    put(PrincipalArn: string, Username: string, Groups: string[]): Promise<void> {
        return this.change("PutIdentityMapping", { PrincipalArn, Username, Groups }, (now) => hasEntry(now, PrincipalArn, Username));
    }
    remove(PrincipalArn: string): Promise<void> {
        return this.change("DeleteIdentityMapping", { PrincipalArn }, (now) => !now.Entries?.some((entry) => isSamePrincipal(entry.PrincipalArn ?? "", PrincipalArn)));
    }

    // Done when the cluster has it; then until it is read back from there.
    private async change(operation: string, input: Input, isSeen: (now: Mapping) => boolean): Promise<void> {
        const { Change } = await call<{ Change: MappingChange }>("sekisho", operation, { ClusterName: this.cluster, ...input });
        let now = await this.describe();
        while (now.Change?.ChangeId === Change.ChangeId && now.Change.Status === "IN_PROGRESS") {
            await pause(tellMilliseconds);
            now = await this.describe();
        }
        if (now.Change?.ChangeId === Change.ChangeId && now.Change.Status === "FAILED") throw new Error(now.Change.FailureReason);
        for (let tries = 0; tries < seenTriesMax && !isSeen(now); ++tries) {
            await pause(tellMilliseconds);
            now = await this.describe();
        }
    }
}

// A role is written without its path.
const withoutPath = (arn: string): string => arn.replace(/:role\/.*\//, ":role/").toLowerCase();

export const isSamePrincipal = (a: string, b: string): boolean => withoutPath(a) === withoutPath(b);

function hasEntry(mapping: Mapping, arn: string, username: string): boolean {
    return Boolean(mapping.Entries?.some((entry) => isSamePrincipal(entry.PrincipalArn ?? "", arn) && entry.Username === username));
}
