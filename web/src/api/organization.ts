// AWS Organizations: what its pages read and change.
import { call } from "../aws/client";
import type { Input } from "../aws/query";
import { everyPage, type Page } from "../parts/load";
import { pause } from "./identity";

export interface Organization {
    Id: string;
    Arn: string;
    MasterAccountId: string;
    MasterAccountEmail: string;
    FeatureSet: string;
}
export interface Root {
    Id: string;
    Arn: string;
    Name: string;
    PolicyTypes?: { Type: string; Status: string }[];
}
export interface Unit {
    Id: string;
    Arn: string;
    Name: string;
}
export interface Account {
    Id: string;
    Arn: string;
    Name: string;
    Email: string;
    Status?: string;
    State?: string;
    JoinedMethod?: string;
    JoinedTimestamp?: number;
}
// One service of a delegated administrator.
export interface Delegated {
    Id: string;
    Name: string;
    ServicePrincipal: string;
    DelegationEnabledDate?: number;
}
export interface PolicySummary {
    Id: string;
    Arn: string;
    Name: string;
    Description?: string;
    Type: string;
    AwsManaged: boolean;
}
export interface PolicyTarget {
    TargetId: string;
    Name: string;
    Type: "ACCOUNT" | "ORGANIZATIONAL_UNIT" | "ROOT";
}
export type PolicyType = "SERVICE_CONTROL_POLICY" | "RESOURCE_CONTROL_POLICY";

export interface Node {
    id: string;
    name: string;
    kind: "root" | "unit" | "account";
    email?: string;
    status?: string;
    parent?: string;
    children: Node[];
}

export const organizations = <T>(operation: string, input: Input = {}): Promise<T> => call<T>("organizations", operation, input);

function pages<T>(operation: string, member: string, input: Input): Promise<T[]> {
    return everyPage(async (next): Promise<Page<T>> => {
        const page = await organizations<Record<string, T[]> & { NextToken?: string }>(operation, { ...input, NextToken: next });
        return { items: page[member] ?? [], next: page.NextToken };
    });
}

export const organizationApi = {
    describe: async (): Promise<Organization> => (await organizations<{ Organization: Organization }>("DescribeOrganization")).Organization,
    roots: () => pages<Root>("ListRoots", "Roots", {}),
    accounts: () => pages<Account>("ListAccounts", "Accounts", {}),
    unitsOf: (parent: string) => pages<Unit>("ListOrganizationalUnitsForParent", "OrganizationalUnits", { ParentId: parent }),
    accountsOf: (parent: string) => pages<Account>("ListAccountsForParent", "Accounts", { ParentId: parent }),
    policies: (type: PolicyType) => pages<PolicySummary>("ListPolicies", "Policies", { Filter: type }),
    policiesOf: (target: string, type: PolicyType) =>
        pages<PolicySummary>("ListPoliciesForTarget", "Policies", { TargetId: target, Filter: type }),
    targetsOf: (policy: string) => pages<PolicyTarget>("ListTargetsForPolicy", "Targets", { PolicyId: policy }),
    policy: async (id: string) =>
        (await organizations<{ Policy: { PolicySummary: PolicySummary; Content: string } }>("DescribePolicy", { PolicyId: id })).Policy,

    async delegated(): Promise<Delegated[]> {
        const administrators = await pages<Account>("ListDelegatedAdministrators", "DelegatedAdministrators", {});
        const of = async ({ Id, Name }: Account): Promise<Delegated[]> => {
            const found = await pages<Omit<Delegated, "Id" | "Name">>("ListDelegatedServicesForAccount", "DelegatedServices", { AccountId: Id });
            return found.map((service) => ({ Id, Name, ...service }));
        };
        return (await Promise.all(administrators.map(of))).flat();
    },
    async tree(): Promise<Node> {
        const root = (await organizationApi.roots())[0]!;
        const fillNode = async (node: Node): Promise<Node> => {
            const [units, accounts] = await Promise.all([organizationApi.unitsOf(node.id), organizationApi.accountsOf(node.id)]);
            const below = units.map((unit): Promise<Node> => fillNode({ id: unit.Id, name: unit.Name, kind: "unit", parent: node.id, children: [] }));
            node.children = [
                ...(await Promise.all(below)),
                ...accounts.map((account): Node => ({
                    id: account.Id,
                    name: account.Name,
                    kind: "account",
                    email: account.Email,
                    status: account.State ?? account.Status,
                    parent: node.id,
                    children: [],
                })),
            ];
            node.children.sort((a, b) => (a.kind === b.kind ? a.name.localeCompare(b.name) : a.kind === "unit" ? -1 : 1));
            return node;
        };
        return fillNode({ id: root.Id, name: root.Name, kind: "root", children: [] });
    },

    // Asynchronous in AWS: done when the account and its OrganizationAccountAccessRole exist.
    async createAccount(name: string, email: string): Promise<string> {
        type Status = { Id: string; State: string; AccountId?: string; FailureReason?: string };
        let { CreateAccountStatus: now } = await organizations<{ CreateAccountStatus: Status }>("CreateAccount", { AccountName: name, Email: email });
        while (now.State === "IN_PROGRESS") {
            await pause(400);
            ({ CreateAccountStatus: now } = await organizations<{ CreateAccountStatus: Status }>("DescribeCreateAccountStatus", {
                CreateAccountRequestId: now.Id,
            }));
        }
        if (now.State !== "SUCCEEDED") throw new Error(now.FailureReason ?? now.State);
        return now.AccountId!;
    },
};

// The accounts, with those of an organization that this role may not list being just its own one.
export function flatten(node: Node): Node[] {
    return [node, ...node.children.flatMap(flatten)];
}
