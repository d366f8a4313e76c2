// Applications and trusted token issuers of Identity Center: what their pages read and change.
import { everyPage, type Page } from "../parts/load";
import type { IdentityApi, Principal } from "./identity";

export interface Application {
    ApplicationArn: string;
    ApplicationAccount?: string;
    Name: string;
    Description?: string;
    Status: "ENABLED" | "DISABLED";
    CreatedDate?: number;
    PortalOptions?: { Visibility?: "ENABLED" | "DISABLED"; SignInOptions?: { Origin: string; ApplicationUrl?: string } };
}

export const codeGrant = "authorization_code";
export const refreshGrant = "refresh_token";
export const bearerGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
export const exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";

// As a form has them.
export interface Grants {
    code: boolean;
    redirectUris: string; // one on each line
    refresh: boolean;
    exchange: boolean;
    bearer: boolean;
    issuers: { arn: string; audiences: string }[];
}
interface GrantItem {
    GrantType: string;
    Grant: {
        AuthorizationCode?: { RedirectUris?: string[] };
        JwtBearer?: { AuthorizedTokenIssuers?: { TrustedTokenIssuerArn?: string; AuthorizedAudiences?: string[] }[] };
    };
}
export interface Issuer {
    TrustedTokenIssuerArn: string;
    Name: string;
    TrustedTokenIssuerConfiguration?: {
        OidcJwtConfiguration?: { IssuerUrl: string; ClaimAttributePath: string; IdentityStoreAttributePath: string };
    };
}

export const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

// Https, or http on this machine, as OAuth 2.1 has it (check_redirect_uris in services/identity_center).
export function isRedirectUri(uri: string): boolean {
    return /^https:\/\/[^\s"#]+$/.test(uri) || /^http:\/\/(127\.0\.0\.1|\[::1\])(:\d{1,5})?(\/[^\s"#]*)?$/.test(uri);
}

export function grantsAreComplete(grants: Grants): boolean {
    const uris = words(grants.redirectUris);
    if (grants.code && (uris.length === 0 || uris.length > 10 || !uris.every(isRedirectUri))) return false;
    return !grants.bearer || (grants.issuers.length > 0 && grants.issuers.every((issuer) => issuer.arn && words(issuer.audiences).length > 0));
}

export function readGrants(items: GrantItem[]): Grants {
    const find = (type: string): GrantItem | undefined => items.find((item) => item.GrantType === type);
    return {
        code: Boolean(find(codeGrant)),
        redirectUris: (find(codeGrant)?.Grant.AuthorizationCode?.RedirectUris ?? []).join("\n"),
        refresh: Boolean(find(refreshGrant)),
        exchange: Boolean(find(exchangeGrant)),
        bearer: Boolean(find(bearerGrant)),
        issuers: (find(bearerGrant)?.Grant.JwtBearer?.AuthorizedTokenIssuers ?? []).map((issuer) => ({
            arn: issuer.TrustedTokenIssuerArn ?? "",
            audiences: (issuer.AuthorizedAudiences ?? []).join(" "),
        })),
    };
}

export class ApplicationApi {
    constructor(
        private readonly api: IdentityApi,
        readonly arn: string,
    ) {}

    call<T>(operation: string, input: object = {}): Promise<T> {
        return this.api.regional<T>(operation, { ApplicationArn: this.arn, ...input });
    }
    describe(): Promise<Application> {
        return this.call<Application>("DescribeApplication");
    }
    async grants(): Promise<Grants> {
        return readGrants((await this.call<{ Grants: GrantItem[] }>("ListApplicationGrants")).Grants);
    }
    async saveGrants(grants: Grants): Promise<void> {
        const issuers = grants.issuers.map((issuer) => ({ TrustedTokenIssuerArn: issuer.arn, AuthorizedAudiences: words(issuer.audiences) }));
        const wanted: [type: string, isOn: boolean, grant: object][] = [
            [codeGrant, grants.code, { AuthorizationCode: { RedirectUris: words(grants.redirectUris) } }],
            [refreshGrant, grants.refresh, { RefreshToken: {} }],
            [bearerGrant, grants.bearer, { JwtBearer: { AuthorizedTokenIssuers: issuers } }],
            [exchangeGrant, grants.exchange, { TokenExchange: {} }],
        ];
        for (const [GrantType, isOn, Grant] of wanted) {
            if (isOn) await this.call("PutApplicationGrant", { GrantType, Grant });
            else await this.call("DeleteApplicationGrant", { GrantType });
        }
    }
    scopes(): Promise<string[]> {
        return everyPage(async (next) => {
            const page = await this.call<{ Scopes: { Scope: string }[]; NextToken?: string }>("ListApplicationAccessScopes", { NextToken: next });
            return { items: page.Scopes.map((scope) => scope.Scope), next: page.NextToken };
        });
    }
    assignments(): Promise<Principal[]> {
        return everyPage(async (next) => {
            const page = await this.call<{ ApplicationAssignments?: Principal[]; NextToken?: string }>("ListApplicationAssignments", {
                MaxResults: 100,
                NextToken: next,
            });
            return { items: page.ApplicationAssignments ?? [], next: page.NextToken };
        });
    }
    async needsAssignment(): Promise<boolean> {
        return (await this.call<{ AssignmentRequired: boolean }>("GetApplicationAssignmentConfiguration")).AssignmentRequired;
    }
    setNeedsAssignment(AssignmentRequired: boolean): Promise<unknown> {
        return this.call("PutApplicationAssignmentConfiguration", { AssignmentRequired });
    }
    // Empty: nobody acts as the application.
    async actorPolicy(): Promise<string> {
        type Method = { AuthenticationMethod: { Iam?: { ActorPolicy: unknown } } };
        const { AuthenticationMethods } = await this.call<{ AuthenticationMethods?: Method[] }>("ListApplicationAuthenticationMethods");
        const policy = AuthenticationMethods?.[0]?.AuthenticationMethod.Iam?.ActorPolicy;
        return policy === undefined ? "" : JSON.stringify(policy, null, 2);
    }
    setActorPolicy(document: string): Promise<unknown> {
        return this.call("PutApplicationAuthenticationMethod", {
            AuthenticationMethodType: "IAM",
            AuthenticationMethod: { Iam: { ActorPolicy: JSON.parse(document) as object } },
        });
    }
}

export async function listApplications(api: IdentityApi, next?: string): Promise<Page<Application>> {
    const page = await api.admin<{ Applications: Application[]; NextToken?: string }>("ListApplications", { MaxResults: 50, NextToken: next });
    return { items: page.Applications, next: page.NextToken };
}

// Ten at most: each is read whole.
export async function listIssuers(api: IdentityApi): Promise<Issuer[]> {
    const found = await everyPage(async (next) => {
        const page = await api.admin<{ TrustedTokenIssuers: Issuer[]; NextToken?: string }>("ListTrustedTokenIssuers", { NextToken: next });
        return { items: page.TrustedTokenIssuers, next: page.NextToken };
    });
    return Promise.all(found.map((issuer) => api.regional<Issuer>("DescribeTrustedTokenIssuer", { TrustedTokenIssuerArn: issuer.TrustedTokenIssuerArn })));
}
