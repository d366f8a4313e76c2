// IAM Identity Center: what its pages read and change.
import { call } from "../aws/client";
import type { Input } from "../aws/query";
import { everyPage, type Page } from "../parts/load";

export interface Center {
    InstanceArn: string;
    IdentityStoreId: string;
    PortalUrl: string;
    Region?: string;
    OwnerAccountId?: string;
    StartUrl?: string;
    CreatedDate?: number;
    HostName?: string;
    SessionMinutes?: number;
    EmailOneTimePasswords?: boolean;
    StableRoleNames?: boolean;
}
export interface User {
    UserId: string;
    UserName: string;
    DisplayName?: string;
    Name?: { GivenName?: string; FamilyName?: string };
    Emails?: { Value: string; Type?: string; Primary?: boolean }[];
    UserStatus?: "ENABLED" | "DISABLED";
    Title?: string;
    [attribute: string]: unknown;
}
interface FoundUser {
    UserId: string;
    UserName: string;
    DisplayName?: string;
    EmailAddress?: string;
    Status: "ENABLED" | "DISABLED";
}
export interface Group {
    GroupId: string;
    DisplayName?: string;
    Description?: string;
}
export interface Membership {
    MembershipId: string;
    GroupId: string;
    MemberId: { UserId: string };
}
export interface SignIn {
    Status: "ENABLED" | "DISABLED";
    PasswordSet: boolean;
    EmailVerified: boolean;
    InvitedDate?: number;
    LastSignInDate?: number;
    LockedUntilDate?: number;
    MfaDeviceCount?: number;
}
export interface MfaDevice {
    DeviceId: string;
    Type: "AUTHENTICATOR_APP" | "SECURITY_KEY";
    DisplayName: string;
    RegisteredDate: number;
    LastUsedDate?: number;
}
export interface SignInSession {
    SessionId: string;
    CreatedDate: number;
    ExpiresDate: number;
    MfaDone: boolean;
    SourceAddress?: string;
    UserAgent?: string;
}
export interface MfaSettings {
    PromptMode: "ALWAYS_ON" | "CONTEXT_AWARE" | "NEVER";
    Types: ("AUTHENTICATOR_APP" | "SECURITY_KEY")[];
    WhenNoDevice: "REQUIRE_REGISTRATION" | "REQUIRE_EMAIL_OTP" | "BLOCK" | "ALLOW";
    UsersManageDevices: boolean;
}
export interface PermissionSet {
    PermissionSetArn: string;
    Name: string;
    Description?: string;
    CreatedDate?: number;
    SessionDuration?: string;
    RelayState?: string;
}
export interface Principal {
    PrincipalType: "USER" | "GROUP";
    PrincipalId: string;
}
export interface Assignment extends Principal {
    AccountId: string;
    PermissionSetArn: string;
}
export interface ProvisioningStatus {
    Status: "IN_PROGRESS" | "FAILED" | "SUCCEEDED";
    RequestId: string;
    FailureReason?: string;
}
export interface AttributeMapping {
    Key: string;
    Value: { Source: string[] };
}

const most = 100;

export const sekisho = <T>(operation: string, input: Input = {}): Promise<T> => call<T>("sekisho", operation, input);

// Regional services of one instance.
export class IdentityApi {
    constructor(readonly center: Center) {}

    store<T>(operation: string, input: Input = {}): Promise<T> {
        return call<T>("identitystore", operation, { IdentityStoreId: this.center.IdentityStoreId, ...input }, this.center.Region);
    }
    admin<T>(operation: string, input: Input = {}): Promise<T> {
        return this.regional<T>(operation, { InstanceArn: this.center.InstanceArn, ...input });
    }
    // Operations on what has an ARN of its own.
    regional<T>(operation: string, input: Input): Promise<T> {
        return call<T>("sso-admin", operation, input, this.center.Region);
    }
    // A principal that is gone still has its assignments (as in AWS): its id is what there is.
    nameOf(principal: Principal): Promise<string> {
        return (
            principal.PrincipalType === "USER"
                ? this.user(principal.PrincipalId).then((user) => user.UserName)
                : this.group(principal.PrincipalId).then((group) => group.DisplayName ?? "")
        ).catch(() => principal.PrincipalId);
    }
    // Operations on a person, of our own.
    person<T>(operation: string, userId: string, input: Input = {}): Promise<T> {
        return sekisho<T>(operation, { IdentityStoreId: this.center.IdentityStoreId, UserId: userId, ...input });
    }

    async users(next?: string): Promise<Page<User>> {
        const page = await this.store<{ Users: User[]; NextToken?: string }>("ListUsers", { MaxResults: most, NextToken: next });
        return { items: page.Users, next: page.NextToken };
    }
    async groups(next?: string): Promise<Page<Group>> {
        const page = await this.store<{ Groups: Group[]; NextToken?: string }>("ListGroups", { MaxResults: most, NextToken: next });
        return { items: page.Groups, next: page.NextToken };
    }
    readonly userSearch = { find: (text: string): Promise<User[]> => this.searchUsers(text), keyOf: (user: User): string => user.UserId };
    readonly groupSearch = { find: (text: string): Promise<Group[]> => this.searchGroups(text), keyOf: (group: Group): string => group.GroupId };
    private async searchUsers(text: string): Promise<User[]> {
        const { Users } = await sekisho<{ Users: FoundUser[] }>("SearchUsers", { IdentityStoreId: this.center.IdentityStoreId, Text: text, Limit: most });
        return Users.map(({ EmailAddress, Status, ...user }) => ({ ...user, Emails: EmailAddress ? [{ Value: EmailAddress }] : [], UserStatus: Status }));
    }
    private async searchGroups(text: string): Promise<Group[]> {
        const { Groups } = await sekisho<{ Groups: Group[] }>("SearchGroups", { IdentityStoreId: this.center.IdentityStoreId, Text: text, Limit: most });
        return Groups;
    }
    user(userId: string): Promise<User> {
        return this.store<User>("DescribeUser", { UserId: userId });
    }
    group(groupId: string): Promise<Group> {
        return this.store<Group>("DescribeGroup", { GroupId: groupId });
    }
    members(groupId: string): Promise<Membership[]> {
        return everyPage(async (next) => {
            const page = await this.store<{ GroupMemberships: Membership[]; NextToken?: string }>("ListGroupMemberships", {
                GroupId: groupId,
                MaxResults: most,
                NextToken: next,
            });
            return { items: page.GroupMemberships, next: page.NextToken };
        });
    }
    groupsOf(userId: string): Promise<Membership[]> {
        return everyPage(async (next) => {
            const page = await this.store<{ GroupMemberships: Membership[]; NextToken?: string }>("ListGroupMembershipsForMember", {
                MemberId: { UserId: userId },
                MaxResults: most,
                NextToken: next,
            });
            return { items: page.GroupMemberships, next: page.NextToken };
        });
    }
    addMember(groupId: string, userId: string): Promise<unknown> {
        return this.store("CreateGroupMembership", { GroupId: groupId, MemberId: { UserId: userId } });
    }

    async permissionSetArns(next?: string): Promise<Page<string>> {
        const page = await this.admin<{ PermissionSets: string[]; NextToken?: string }>("ListPermissionSets", {
            MaxResults: most,
            NextToken: next,
        });
        return { items: page.PermissionSets, next: page.NextToken };
    }
    async permissionSet(arn: string): Promise<PermissionSet> {
        return (await this.admin<{ PermissionSet: PermissionSet }>("DescribePermissionSet", { PermissionSetArn: arn })).PermissionSet;
    }
    async permissionSets(next?: string): Promise<Page<PermissionSet>> {
        const page = await this.permissionSetArns(next);
        return { items: await Promise.all(page.items.map((arn) => this.permissionSet(arn))), next: page.next };
    }
    permissionSetsOfAccount(accountId: string): Promise<string[]> {
        return everyPage(async (next) => {
            const page = await this.admin<{ PermissionSets?: string[]; NextToken?: string }>("ListPermissionSetsProvisionedToAccount", {
                AccountId: accountId,
                MaxResults: most,
                NextToken: next,
            });
            return { items: page.PermissionSets ?? [], next: page.NextToken };
        });
    }
    accountsOfPermissionSet(arn: string): Promise<string[]> {
        return everyPage(async (next) => {
            const page = await this.admin<{ AccountIds?: string[]; NextToken?: string }>("ListAccountsForProvisionedPermissionSet", {
                PermissionSetArn: arn,
                MaxResults: most,
                NextToken: next,
            });
            return { items: page.AccountIds ?? [], next: page.NextToken };
        });
    }
    assignments(accountId: string, permissionSetArn: string): Promise<Assignment[]> {
        return everyPage(async (next) => {
            const page = await this.admin<{ AccountAssignments?: Assignment[]; NextToken?: string }>("ListAccountAssignments", {
                AccountId: accountId,
                PermissionSetArn: permissionSetArn,
                MaxResults: most,
                NextToken: next,
            });
            return { items: page.AccountAssignments ?? [], next: page.NextToken };
        });
    }
    assignmentsOfPrincipal(type: "USER" | "GROUP", id: string): Promise<Assignment[]> {
        return everyPage(async (next) => {
            const page = await this.admin<{ AccountAssignments?: Assignment[]; NextToken?: string }>("ListAccountAssignmentsForPrincipal", {
                PrincipalType: type,
                PrincipalId: id,
                MaxResults: most,
                NextToken: next,
            });
            return { items: page.AccountAssignments ?? [], next: page.NextToken };
        });
    }

    // Both are asynchronous in AWS; done when the role in the account is.
    async assign(target: Assignment): Promise<void> {
        await this.change("CreateAccountAssignment", "DescribeAccountAssignmentCreationStatus", "AccountAssignmentCreation", target);
    }
    async unassign(target: Assignment): Promise<void> {
        await this.change("DeleteAccountAssignment", "DescribeAccountAssignmentDeletionStatus", "AccountAssignmentDeletion", target);
    }
    private async change(operation: string, describe: string, what: string, target: Assignment): Promise<void> {
        const { AccountId, ...rest } = target;
        const started = await this.admin<Record<string, ProvisioningStatus>>(operation, {
            ...rest,
            TargetId: AccountId,
            TargetType: "AWS_ACCOUNT",
        });
        await waitFor(started[`${what}Status`]!, async (requestId) => {
            const now = await this.admin<Record<string, ProvisioningStatus>>(describe, { [`${what}RequestId`]: requestId });
            return now[`${what}Status`]!;
        });
    }
    async provision(permissionSetArn: string): Promise<void> {
        const started = await this.admin<{ PermissionSetProvisioningStatus: ProvisioningStatus }>("ProvisionPermissionSet", {
            PermissionSetArn: permissionSetArn,
            TargetType: "ALL_PROVISIONED_ACCOUNTS",
        });
        await waitFor(started.PermissionSetProvisioningStatus, async (requestId) => {
            const now = await this.admin<{ PermissionSetProvisioningStatus: ProvisioningStatus }>("DescribePermissionSetProvisioningStatus", {
                ProvisionPermissionSetRequestId: requestId,
            });
            return now.PermissionSetProvisioningStatus;
        });
    }
}

const pollMilliseconds = 400;

export const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

async function waitFor(status: ProvisioningStatus, read: (requestId: string) => Promise<ProvisioningStatus>): Promise<void> {
    let now = status;
    while (now.Status === "IN_PROGRESS") {
        await pause(pollMilliseconds);
        now = await read(status.RequestId);
    }
    if (now.Status === "FAILED") throw new Error(now.FailureReason ?? now.Status);
}
