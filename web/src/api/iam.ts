// IAM: what its pages read and change. Its XML has texts only.
import { call } from "../aws/client";
import { list, type Input } from "../aws/query";
import { everyPage, type Page } from "../parts/load";
import { pretty } from "../policy/document";

export interface IamUser {
    UserName: string;
    UserId: string;
    Arn: string;
    Path: string;
    CreateDate: string;
    PasswordLastUsed?: string;
}
export interface IamRole {
    RoleName: string;
    RoleId: string;
    Arn: string;
    Path: string;
    CreateDate: string;
    Description?: string;
    MaxSessionDuration?: string;
    AssumeRolePolicyDocument: string; // percent-encoded
}
export interface IamPolicy {
    PolicyName: string;
    PolicyId: string;
    Arn: string;
    Path: string;
    DefaultVersionId: string;
    AttachmentCount: string;
    IsAttachable?: string;
    Description?: string;
    CreateDate: string;
    UpdateDate: string;
}
export interface PolicyVersion {
    VersionId: string;
    IsDefaultVersion: string;
    CreateDate: string;
    Document?: string;
}
export interface Attached {
    PolicyName: string;
    PolicyArn: string;
}
export interface AccessKey {
    AccessKeyId: string;
    Status: "Active" | "Inactive";
    CreateDate: string;
}
export interface NewAccessKey extends AccessKey {
    SecretAccessKey: string;
}

type Answer = Record<string, unknown>;

export const iam = <T = Answer>(operation: string, input: Input = {}): Promise<T> => call<T>("iam", operation, input);

async function page<T>(operation: string, member: string, input: Input, next?: string): Promise<Page<T>> {
    const answer = await iam(operation, { MaxItems: 200, ...input, Marker: next });
    return { items: list<T>(answer[member]), next: answer["IsTruncated"] === "true" ? String(answer["Marker"]) : undefined };
}
const all = <T>(operation: string, member: string, input: Input): Promise<T[]> =>
    everyPage((next) => page<T>(operation, member, input, next));

export const iamApi = {
    users: (next?: string) => page<IamUser>("ListUsers", "Users", {}, next),
    roles: (next?: string) => page<IamRole>("ListRoles", "Roles", {}, next),
    policies: (scope: "Local" | "AWS" | "All", next?: string) => page<IamPolicy>("ListPolicies", "Policies", { Scope: scope }, next),
    user: async (name: string) => (await iam<{ User: IamUser }>("GetUser", { UserName: name })).User,
    role: async (name: string) => (await iam<{ Role: IamRole }>("GetRole", { RoleName: name })).Role,
    policy: async (arn: string) => (await iam<{ Policy: IamPolicy }>("GetPolicy", { PolicyArn: arn })).Policy,
    versions: (arn: string) => all<PolicyVersion>("ListPolicyVersions", "Versions", { PolicyArn: arn }),
    document: async (arn: string, version: string) => {
        const answer = await iam<{ PolicyVersion: PolicyVersion }>("GetPolicyVersion", { PolicyArn: arn, VersionId: version });
        return readDocument(answer.PolicyVersion.Document ?? "");
    },
    attachedTo: (kind: "User" | "Role", name: string) =>
        all<Attached>(`ListAttached${kind}Policies`, "AttachedPolicies", { [`${kind}Name`]: name }),
    inlineOf: (kind: "User" | "Role", name: string) => all<string>(`List${kind}Policies`, "PolicyNames", { [`${kind}Name`]: name }),
    inline: async (kind: "User" | "Role", name: string, policy: string) => {
        const answer = await iam<{ PolicyDocument: string }>(`Get${kind}Policy`, { [`${kind}Name`]: name, PolicyName: policy });
        return readDocument(answer.PolicyDocument);
    },
    accessKeys: (name: string) => all<AccessKey>("ListAccessKeys", "AccessKeyMetadata", { UserName: name }),
    groupsOf: (name: string) => all<{ GroupName: string }>("ListGroupsForUser", "Groups", { UserName: name }),
};

// IAM's documents, and no other service's, come percent-encoded (RFC 3986).
export function readDocument(encoded: string): string {
    return pretty(decodeURIComponent(encoded));
}

// Whether a service may take the role, as its trust policy says; a document that cannot be read says nothing.
export function trustsService(role: IamRole, service: string): boolean {
    try {
        const document = JSON.parse(decodeURIComponent(role.AssumeRolePolicyDocument)) as { Statement?: unknown };
        return [document.Statement].flat().some((statement) => {
            const { Effect, Principal } = (statement ?? {}) as { Effect?: string; Principal?: { Service?: string | string[] } };
            return Effect === "Allow" && [Principal?.Service].flat().includes(service);
        });
    } catch {
        return false;
    }
}

// A role for a service, with AWS managed policies.
export async function createServiceRole(name: string, service: string, policies: string[]): Promise<IamRole> {
    const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }] };
    const { Role } = await iam<{ Role: IamRole }>("CreateRole", { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) });
    for (const policy of policies) await iam("AttachRolePolicy", { RoleName: name, PolicyArn: `arn:aws:iam::aws:policy/${policy}` });
    return Role;
}
